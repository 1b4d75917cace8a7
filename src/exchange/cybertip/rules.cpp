#include "exchange/cybertip/rules.hpp"

#include <algorithm>
#include <set>

#include "exchange/cybertip/schema.hpp"
#include "exchange/cybertip/visit.hpp"

namespace tutela::cybertip {
namespace {

/// What concerns one group alone: an overload a kind of group, found while walking the tree.
class Rules {
 public:
  Rules(const Submission& submission, UtcMs now_ms, std::vector<Problem>& problems)
      : now_ms_(now_ms), problems_(problems) {
    if (submission.report) {
      collect_emails(*submission.report);
    }
  }

  template <class T>
  void at(const std::string& /*path*/, const T& /*anything else*/) {}

  void at(const std::string& path, const Timestamp& time) {
    if (time.at_ms() > now_ms_) {
      in_the_future(path,
                    "Correct this date and time: the authority takes only times in the past.");
    }
  }

  void at(const std::string& path, const Date& day) {
    if (day.end_ms() > now_ms_) {
      in_the_future(path, "Correct this day: the authority takes only days in the past.");
    }
  }

  void at(const std::string& path, const Email& email) { verified_if_dated(path, email); }

  void at(const std::string& path, const Phone& phone) {
    verified_if_dated(path, phone);
    if (phone.country_calling_code && phone.text && begins_with_a_calling_code(phone)) {
      add(path + "/#text",
          "calling_code_twice",
          "Remove the calling code from the number: it stands beside it already.");
    }
  }

  void at(const std::string& path, const Person& person) {
    age_or_birth(path + "/age", person.age.has_value(), person.date_of_birth.has_value());
  }

  void at(const std::string& path, const AssociatedAccount& account) {
    age_or_birth(path + "/approximateAge",
                 account.approximate_age.has_value(),
                 account.date_of_birth.has_value());
  }

  void at(const std::string& path, const TemporarilyDisabled& disabled) {
    told_after(path, disabled);
    if (disabled.disabled_date && disabled.reenabled_date &&
        disabled.reenabled_date->at_ms() <= disabled.disabled_date->at_ms()) {
      add(path + "/@reenabledDate",
          "out_of_order",
          "Correct one of the dates: an account is enabled again after it was disabled.");
    }
  }

  void at(const std::string& path, const PermanentlyDisabled& disabled) {
    told_after(path, disabled);
  }

  void at(const std::string& path, const EstimatedLocation& location) {
    if (!location.country_code || !location.country_code->is("US")) {
      return;
    }
    if (location.region && !UsState::make(location.region->text())) {
      add(path + "/region",
          "not_a_state",
          "Give the region as the postal abbreviation of a state or territory, such as CA: the "
          "country is the US.");
    }
    if (location.city && !location.region) {
      add(path + "/region",
          "missing",
          "Give the state as well: for a city in the US the authority requires it.");
    }
  }

  void at(const std::string& path, const EmailIncident& incident) {
    known_addresses(path, incident.email_addresses);
  }

  void at(const std::string& path, const NewsgroupIncident& incident) {
    known_addresses(path, incident.email_addresses);
  }

  void at(const std::string& path, const Reporter& reporter) {
    if (reporter.reporting_person && reporter.reporting_person->emails.empty()) {
      add(path + "/reportingPerson/email",
          "missing",
          "Give the e-mail address of the person who reports: the authority requires it.");
    }
  }

  void at(const std::string& path, const Report& report) {
    if (!report.batched_report && report.reported.size() > 1) {
      add(path + "/personOrUserReported/1",
          "too_many",
          "Report one person here, and the others in reports of their own: only a batched report "
          "may name several.");
    }
  }

  void at(const std::string& path, const FileDetails& file) {
    if (file.exif_viewed_by_esp == true && file.file_viewed_by_esp != true) {
      add(path + "/fileViewedByEsp",
          "not_viewed",
          "Correct what was viewed: who viewed the EXIF data must have viewed the entire file too; "
          "leave exifViewedByEsp out if nobody did.");
    }
    if (file.potential_meme && file.annotations) {
      add(path + "/potentialMeme",
          "not_both",
          "Remove this and mark it among the annotations: the authority takes only one of the "
          "two.");
    }
    if (file.relevance && file.relevance->is("Supplemental Reported")) {
      supplemental(path, file);
    }
  }

 private:
  void add(const std::string& path, std::string_view code, std::string_view message) {
    if (problems_.size() < kProblemsMax) {
      problems_.push_back({path, std::string(code), std::string(message)});
    }
  }

  void in_the_future(const std::string& path, std::string_view message) {
    add(path, "in_the_future", message);
  }

  template <class T>
  void verified_if_dated(const std::string& path, const T& contact) {
    if (contact.verification_date && contact.verified != true) {
      add(path + "/@verified",
          "not_verified",
          "Say that this was verified, or remove the date on which it was.");
    }
  }

  static bool begins_with_a_calling_code(const Phone& phone) {
    const std::string& number = phone.text->text();
    const std::size_t begin = number.find_first_not_of(" (");
    const std::string international = "00" + phone.country_calling_code->text().substr(1);
    return begin != std::string::npos &&
           (number[begin] == '+' ||
            number.compare(begin, international.size(), international) == 0);
  }

  void age_or_birth(const std::string& path, bool age, bool birth) {
    if (age && birth) {
      add(path, "not_both", "Remove the age or the date of birth: the authority takes only one.");
    }
  }

  template <class T>
  void told_after(const std::string& path, const T& disabled) {
    if (disabled.disabled_date && disabled.user_notified_date &&
        disabled.user_notified_date->at_ms() < disabled.disabled_date->at_ms()) {
      add(path + "/@userNotifiedDate",
          "out_of_order",
          "Correct one of the dates: the user is told when the account is disabled or later.");
    }
  }

  void supplemental(const std::string& path, const FileDetails& file) {
    constexpr std::string_view kMeme =
        "Remove this mark, or the relevance: only a file that is itself reported may carry it.";
    if (file.potential_meme) {
      add(path + "/potentialMeme", "supplemental", kMeme);
    }
    if (file.annotations && file.annotations->potential_meme) {
      add(path + "/fileAnnotations/potentialMeme", "supplemental", kMeme);
    }
    if (file.classification) {
      add(path + "/industryClassification",
          "supplemental",
          "Remove this class, or the relevance: only a file that is itself reported may carry it.");
    }
  }

  void collect(const std::optional<Person>& person) {
    if (person) {
      for (const Email& email : person->emails) {
        if (email.text) {
          emails_.insert(email.text->text());
        }
      }
    }
  }

  void collect_emails(const Report& report) {
    for (const PersonOrUserReported& each : report.reported) {
      collect(each.person);
    }
    for (const IntendedRecipient& each : report.recipients) {
      collect(each.person);
    }
    for (const Victim& each : report.victims) {
      collect(each.person);
    }
  }

  void known_addresses(const std::string& path, const std::vector<Email>& addresses) {
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      if (addresses[i].text && !emails_.contains(addresses[i].text->text())) {
        add(path_to(path + "/emailAddress", i),
            "nobody_has_it",
            "Give this address to the reported person, a recipient or a victim as well: the "
            "authority wants to know whose it is.");
      }
    }
  }

  UtcMs now_ms_;
  std::vector<Problem>& problems_;
  std::set<std::string> emails_;
};

/// Walks what is said, in the order of the schema.
class Walk {
 public:
  Walk(Rules& rules, std::string path) : rules_(rules), path_(std::move(path)) {}

  template <class Member>
  void operator()(std::string_view name, const Member& member, std::string_view /*help*/) {
    const std::string path = path_to(path_, name);
    if constexpr (Cardinality<Member>::kMany) {
      for (std::size_t i = 0; i < member.size(); ++i) {
        enter(path_to(path, i), member[i]);
      }
    } else if (member) {
      enter(path, *member);
    }
  }

 private:
  template <class T>
  void enter(const std::string& path, const T& value) {
    if constexpr (Choice<T>) {
      std::visit(
          [&]<class Chosen>(const Chosen& chosen) { enter(path_to(path, Chosen::kName), chosen); },
          value);
    } else {
      rules_.at(path, value);
      if constexpr (Structure<T>) {
        Walk inner(rules_, path);
        T::fields(value, inner);
      }
    }
  }

  Rules& rules_;
  std::string path_;
};

}  // namespace

std::vector<Problem> broken_rules(const Submission& submission, UtcMs now_ms) {
  std::vector<Problem> problems;
  Rules rules(submission, now_ms, problems);
  Walk walk(rules, "");
  Submission::fields(submission, walk);
  if (submission.report && submission.report->batched_report) {
    std::vector<Problem> batch = broken_batch_rules(submission);
    problems.insert(problems.end(), batch.begin(), batch.end());
  }
  problems.resize(std::min(problems.size(), kProblemsMax));
  return problems;
}

}  // namespace tutela::cybertip
