// Steps: the scripts of the schema that have a file of their own. Internal to the store.
#pragma once

#include <string_view>

namespace tutela::store {

extern const std::string_view kAudit;         // step 3
extern const std::string_view kPeople;        // step 4
extern const std::string_view kEvidence;      // step 5
extern const std::string_view kDualControl;   // step 6
extern const std::string_view kPreservation;  // step 7
extern const std::string_view kDisclosure;    // step 8
extern const std::string_view kHandOver;      // step 9
extern const std::string_view kReview;        // step 10
extern const std::string_view kReports;       // step 11
extern const std::string_view kWatch;         // step 12
extern const std::string_view kIntake;        // step 13
extern const std::string_view kClaims;        // step 16

}  // namespace tutela::store
