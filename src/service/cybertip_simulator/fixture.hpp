// Documents that tests start from: harmless, and good as they are.
#pragma once

#include <string>
#include <string_view>

namespace tutela::cybertip_simulator {

/// The example of the technical documentation, 6.1.
inline constexpr std::string_view kReportXml = R"(<?xml version="1.0" encoding="UTF-8"?>
<report xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xsi:noNamespaceSchemaLocation="https://report.cybertip.org/ispws/xsd">
    <incidentSummary>
        <incidentType>Child Pornography (possession, manufacture, and distribution)</incidentType>
        <reportAnnotations>
            <sextortion />
            <csamSolicitation />
            <minorToMinorInteraction />
            <spam />
            <sadisticOnlineExploitation />
        </reportAnnotations>
        <incidentDateTime>2012-10-15T08:00:00-07:00</incidentDateTime>
    </incidentSummary>
    <internetDetails>
        <webPageIncident>
            <url>http://badsite.com/baduri.html</url>
        </webPageIncident>
    </internetDetails>
    <reporter>
        <reportingPerson>
            <firstName>John</firstName>
            <lastName>Smith</lastName>
            <email>jsmith@example.com</email>
        </reportingPerson>
    </reporter>
</report>
)";

inline constexpr std::string_view kBatchedXml = R"(<?xml version="1.0" encoding="UTF-8"?>
<report><batchedReport reason="VIRAL_POTENTIAL_MEME"/><incidentSummary>
<incidentType>Child Pornography (possession, manufacture, and distribution)</incidentType>
<incidentDateTime>2012-10-15T08:00:00Z</incidentDateTime></incidentSummary>
<reporter><reportingPerson><email>jsmith@example.com</email></reportingPerson></reporter>
<personOrUserReported><espIdentifier>1</espIdentifier></personOrUserReported>
<personOrUserReported><espIdentifier>2</espIdentifier></personOrUserReported></report>)";

/// The example of 6.3 with other ids; `more` stands before additionalInfo's place in the order.
inline std::string details_xml(const std::string& report,
                               const std::string& file,
                               const std::string& more =
                                   "<originalFileName>mypic.jpg</originalFileName>"
                                   "<ipCaptureEvent><ipAddress>63.116.246.17</ipAddress>"
                                   "<eventName>Upload</eventName>"
                                   "<dateTime>2011-10-31T12:00:00Z</dateTime></ipCaptureEvent>"
                                   "<additionalInfo>One of 6</additionalInfo>") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<fileDetails><reportId>" + report +
         "</reportId><fileId>" + file + "</fileId>" + more + "</fileDetails>";
}

}  // namespace tutela::cybertip_simulator
