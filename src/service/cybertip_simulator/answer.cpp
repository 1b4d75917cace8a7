#include "service/cybertip_simulator/answer.hpp"

#include <string_view>

namespace tutela::cybertip_simulator {

namespace {

constexpr std::string_view kXml = "text/xml; charset=utf-8";
constexpr std::string_view kHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    "<!-- SIMULATED by Tutela: not NCMEC's, nothing was filed -->\n";
constexpr std::size_t kOversizedBytes = 4U << 20;
constexpr int kDeepElements = 10'000;

void append_escaped(std::string& out, std::string_view text) {
  for (const char byte : text) {
    switch (byte) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += static_cast<unsigned char>(byte) < 0x20 ? ' ' : byte;
    }
  }
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
  out.append("    <").append(name).append(">");
  append_escaped(out, text);
  out.append("</").append(name).append(">\n");
}

std::string refusing_body(const Fault& fault) {
  if (fault.body == "html") {
    return "<!DOCTYPE html>\n<html><head><title>SIMULATED</title></head>"
           "<body><h1>Service unavailable</h1></body></html>\n";
  }
  return fault.body == "empty" ? std::string() : to_xml(refusal(fault.code, "told to refuse"));
}

/// Bodies that no reader may trust.
std::string twisted(const Reply& reply, Act act) {
  std::string xml = to_xml(reply);
  switch (act) {
    case Act::kTruncated:
      return xml.substr(0, xml.size() * 2 / 3);
    case Act::kOversized: {
      Reply longer = reply;
      longer.done = false;
      longer.description = std::string(kOversizedBytes, 'x');
      return to_xml(longer);
    }
    case Act::kDeep: {
      std::string deep(kHead);
      for (int i = 0; i < kDeepElements; ++i) {
        deep += "<reportResponse>";
      }
      for (int i = 0; i < kDeepElements; ++i) {
        deep += "</reportResponse>";
      }
      return deep;
    }
    case Act::kDoctype:
      return xml.insert(xml.find("?>") + 2,
                        "<!DOCTYPE reportResponse [<!ENTITY a \"aaaaaaaaaa\">"
                        "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>");
    case Act::kTwice:
      return xml.insert(xml.find("    <responseCode>"), "    <responseCode>1000</responseCode>\n");
    case Act::kEmpty:
      return {};
    default:
      return xml;
  }
}

}  // namespace

std::string to_xml(const Reply& reply) {
  const std::string_view root = reply.done ? "reportDoneResponse" : "reportResponse";
  std::string out(kHead);
  out.append("<").append(root).append(">\n");
  append_element(out, "responseCode", std::to_string(reply.code));
  if (!reply.done) {
    append_element(out, "responseDescription", std::string(kMark) + ": " + reply.description);
  }
  if (reply.report_id) {
    append_element(out, "reportId", std::to_string(*reply.report_id));
  }
  if (reply.done) {
    out += "    <files>\n";
    for (const std::string& id : reply.file_ids) {
      out += "    ";
      append_element(out, "fileId", id);
    }
    out += "    </files>\n";
  } else {
    if (!reply.file_id.empty()) {
      append_element(out, "fileId", reply.file_id);
    }
    if (!reply.hash.empty()) {
      append_element(out, "hash", reply.hash);
    }
  }
  out.append("</").append(root).append(">\n");
  return out;
}

Answer answer_of(Reply reply, const std::optional<Fault>& fault) {
  Answer answer;
  answer.content_type = kXml;
  answer.http_status = reply.http_status;
  if (!fault) {
    answer.body = to_xml(reply);
    return answer;
  }
  if (fault->act == Act::kRefuse || fault->act == Act::kLie) {
    const unsigned usual = refusal(fault->code, "").http_status;
    answer.http_status = fault->http_status == 0 ? usual : fault->http_status;
    answer.content_type = fault->body == "html" ? "text/html; charset=utf-8" : answer.content_type;
    answer.body = refusing_body(*fault);
    return answer;
  }
  if (fault->act == Act::kOtherReport && reply.report_id) {
    *reply.report_id += 1'000'000;
  }
  if (fault->act == Act::kNoFiles) {
    reply.file_ids.clear();
  }
  answer.body = twisted(reply, fault->act);
  return answer;
}

}  // namespace tutela::cybertip_simulator
