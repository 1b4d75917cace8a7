#include "report_actions.hpp"

#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.hpp"
#include "output.hpp"
#include "report_desk.hpp"
#include "service/reporting/gather.hpp"
#include "service/reporting/setup.hpp"

namespace tutela::cli {
namespace {

constexpr std::uint64_t kFileBytesMax = 4U << 20;

std::string time_text(const std::optional<UtcMs>& at_ms) {
  return at_ms ? to_rfc3339(*at_ms) : "-";
}

boost::json::object report_json(const reports::Report& report) {
  boost::json::object object = {{"id", to_string(report.id)},
                                {"authority", report.authority},
                                {"environment", reports::to_string(report.environment)},
                                {"jurisdiction", report.jurisdiction},
                                {"kind", reports::to_string(report.kind)},
                                {"state", reports::to_string(report.state)},
                                {"version", report.version},
                                {"document", report.document},
                                {"urgent", report.urgent},
                                {"minor", report.minor},
                                {"automatic", report.automatic},
                                {"attempts", report.attempts},
                                {"failure", report.failure},
                                {"created_at", to_rfc3339(report.created_ms)}};
  const auto set = [&](const char* name, const auto& value, const auto& text) {
    if (value) {
      object[name] = text(*value);
    }
  };
  const auto id = [](const Uuid& value) {
    return to_string(value);
  };
  const auto time = [](UtcMs value) {
    return to_rfc3339(value);
  };
  set("case_id", report.case_id, id);
  set("corrects", report.corrects, id);
  set("due_at", report.due_ms, time);
  set("released_at", report.released_ms, time);
  set("next_at", report.next_at_ms, time);
  set("failing_since", report.failing_since_ms, time);
  set("finished_at", report.finished_ms, time);
  if (!report.authority_id.empty()) {
    object["authority_id"] = report.authority_id;
  }
  return object;
}

boost::json::array problems_json(const std::vector<cybertip::Problem>& problems) {
  boost::json::array all;
  for (const cybertip::Problem& each : problems) {
    all.push_back(
        boost::json::object{{"path", each.path}, {"code", each.code}, {"message", each.message}});
  }
  return all;
}

void print_problems(const std::vector<cybertip::Problem>& problems) {
  if (problems.empty()) {
    print("Nothing is missing or wrong.\n");
    return;
  }
  print(counted(problems.size(), "thing") + " to do:\n");
  for (const cybertip::Problem& each : problems) {
    print(fmt::format("  {}{}\n",
                      printable(each.message),
                      each.path.empty() ? "" : "  (" + printable(each.path) + ")"));
  }
}

int say_problems(const std::vector<cybertip::Problem>& problems, const ReportOptions& options) {
  if (options.json) {
    print_json({{"good", problems.empty()}, {"problems", problems_json(problems)}});
  } else {
    print_problems(problems);
  }
  return problems.empty() ? kReportGood : kReportProblems;
}

/// A document or XML: what begins with "<" is XML.
std::vector<cybertip::Problem> problems_of(std::string_view text, UtcMs now_ms) {
  const std::size_t first = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  return first != std::string_view::npos && text[first] == '<'
             ? cybertip::check_xml(text)
             : cybertip::check(text, now_ms).problems;
}

/// The present document of a report, or what would be the draft of a case.
Result<std::vector<cybertip::Problem>> problems_of_id(ReportDesk& desk, const Uuid& id) {
  const std::string tenant = actor().tenant_id;
  auto shown = desk.desk.show(tenant, id);
  if (shown) {
    return std::move(shown->problems);
  }
  if (shown.error().code != "report.not_found") {
    return shown.error();
  }
  const reports::Authority& to = desk.desk.authorities().front();  // ncmec, which is always there
  TUTELA_TRY_ASSIGN(const reporting::Gathered facts,
                    reporting::gather(desk.pipeline->database(),
                                      desk.opening,
                                      desk.reports,
                                      reporting::provider_of(desk.config),
                                      to,
                                      tenant,
                                      id));
  return cybertip::check(facts.body, desk.clock.now_ms()).problems;
}

void print_head(const reports::Report& of) {
  Table table({"REPORT", to_string(of.id)});
  table.add({"State", std::string(reports::to_string(of.state))});
  table.add({"Version, document", fmt::format("{}, {}", of.version, of.document)});
  table.add(
      {"Authority",
       fmt::format(
           "{} ({}, {})", of.authority, of.jurisdiction, reports::to_string(of.environment))});
  table.add({"Kind", std::string(reports::to_string(of.kind)) + (of.urgent ? ", URGENT" : "")});
  table.add({"Case", of.case_id ? to_string(*of.case_id) : "-"});
  table.add({"Due", time_text(of.due_ms)});
  table.add({"Released", time_text(of.released_ms)});
  table.add({"Tried", counted(static_cast<std::uint64_t>(of.attempts), "time")});
  table.add({"Again at", time_text(of.next_at_ms)});
  table.add({"Waits because of", of.failure.empty() ? "-" : of.failure});
  table.add({"Finished", time_text(of.finished_ms)});
  table.add({"Their id", of.authority_id.empty() ? "-" : of.authority_id});
  table.print();
}

void print_steps(const std::vector<reports::StepRow>& steps) {
  if (steps.empty()) {
    return;
  }
  Table table({"BEGUN", "ROUND", "STEP", "FILE", "PHASE", "CODE", "WHAT WAS SAID"});
  for (const reports::StepRow& each : steps) {
    table.add({to_rfc3339(each.begun_ms),
               std::to_string(each.round),
               std::string(reports::to_string(each.step)),
               each.file < 0 ? "-" : std::to_string(each.file + 1),
               std::string(reports::to_string(each.phase)),
               each.code ? std::to_string(*each.code) : "-",
               each.description});
  }
  print("\n");
  table.print();
}

/// All that is said of a report, for people.
int print_report(ReportDesk& desk, const reporting::Shown& shown) {
  const auto whole = desk.reports.whole(actor().tenant_id, shown.of.id);
  if (!whole) {
    return fail(whole.error());
  }
  print_head(shown.of);
  print("\n");
  print_problems(shown.problems);
  for (const cybertip::Change& each : shown.facts_changed) {
    print("  The facts changed since it was written: " + printable(each.path) + "\n");
  }
  for (const cybertip::Problem& each : shown.left_out) {
    print("  Left out " + printable(each.path) + ": " + printable(each.message) + "\n");
  }
  print_steps(whole->steps);
  for (const reports::Note& each : whole->notes) {
    print(fmt::format("\n{} {}: {}\n", to_rfc3339(each.at_ms), each.kind, printable(each.text)));
  }
  if (whole->receipt) {
    print(fmt::format("\nReceipt of {}: {}{}\n",
                      to_rfc3339(whole->receipt->at_ms),
                      whole->receipt->how,
                      whole->receipt->simulated ? ", SIMULATED: it counts nowhere" : ""));
  }
  return kReportGood;
}

}  // namespace

int validate_report(const Session& session, const ReportOptions& options) {
  std::error_code failed;
  if (std::filesystem::is_regular_file(options.target, failed)) {
    const Result<Bytes> text = read_file(options.target, kFileBytesMax);
    return text ? say_problems(problems_of(as_text(*text), session.clock.now_ms()), options)
                : fail(text.error());
  }
  const Result<Uuid> id = parse_uuid(options.target);
  if (!id) {
    return fail({ErrorKind::kInvalidInput,
                 "report.bad_target",
                 "there is no such file, and it is not the id of a case or report"});
  }
  const auto desk = ReportDesk::open(session);
  if (!desk) {
    return fail(desk.error());
  }
  const auto problems = problems_of_id(**desk, *id);
  return problems ? say_problems(*problems, options) : fail(problems.error());
}

int list_reports(const Session& session, const ReportOptions& options) {
  reports::Filter filter;
  filter.debts = options.debts;
  filter.authority = options.authority;
  filter.limit = options.limit;
  if (!options.state.empty()) {
    const auto state = reports::parse_state(options.state);
    if (!state) {
      return fail(state.error());
    }
    filter.state = *state;
  }
  if (!options.case_id.empty()) {
    const auto id = parse_uuid(options.case_id);
    if (!id) {
      return fail(id.error());
    }
    filter.case_id = *id;
  }
  const auto desk = ReportDesk::open(session);
  if (!desk) {
    return fail(desk.error());
  }
  const auto page = (*desk)->reports.list(actor().tenant_id, filter);
  if (!page) {
    return fail(page.error());
  }
  Table table({"ID", "STATE", "AUTHORITY", "ENVIRONMENT", "DUE", "WAITS BECAUSE OF", "THEIR ID"});
  for (const reports::Report& each : page->reports) {
    if (options.json) {
      print_json(report_json(each));
      continue;
    }
    table.add({to_string(each.id),
               std::string(reports::to_string(each.state)) + (each.urgent ? " URGENT" : ""),
               each.authority,
               std::string(reports::to_string(each.environment)),
               time_text(each.due_ms),
               each.failure.empty() ? "-" : each.failure,
               each.authority_id.empty() ? "-" : each.authority_id});
  }
  if (!options.json && table.empty()) {
    print("There are no such reports.\n");
  } else if (!options.json) {
    table.print();
  }
  return kReportGood;
}

int show_report(const Session& session, const ReportOptions& options) {
  const auto id = parse_uuid(options.target);
  if (!id) {
    return fail(id.error());
  }
  const auto desk = ReportDesk::open(session);
  if (!desk) {
    return fail(desk.error());
  }
  const auto shown = (*desk)->desk.show(actor().tenant_id, *id);
  if (!shown) {
    return fail(shown.error());
  }
  if (options.page) {
    print(cybertip::page("Report " + to_string(*id) + " to " + shown->of.authority + " (" +
                             std::string(reports::to_string(shown->of.environment)) + ")",
                         shown->document.body,
                         shown->origins,
                         shown->problems));
    return kReportGood;
  }
  if (options.document) {
    print(shown->document.body + "\n");
    return kReportGood;
  }
  if (options.json) {
    boost::json::object object = report_json(shown->of);
    object["problems"] = problems_json(shown->problems);
    object["facts_changed"] = !shown->facts_changed.empty();
    print_json(object);
    return kReportGood;
  }
  return print_report(**desk, *shown);
}

int show_reporting(const Session& session, const ReportOptions& options) {
  const auto desk = ReportDesk::open(session);
  if (!desk) {
    return fail(desk.error());
  }
  const auto counts = (*desk)->reports.counts(actor().tenant_id);
  if (!counts) {
    return fail(counts.error());
  }
  const auto served = reporting::open_authorities((*desk)->config);
  if (!served) {
    return fail(served.error());
  }
  print(
      fmt::format("{} to read, {} being filed, {} waiting for a person, {} overdue.\n"
                  "Filed: {}. Simulated or of a test system, which count nowhere: {}.\n",
                  counted(static_cast<std::uint64_t>(counts->drafts), "draft"),
                  counts->released,
                  counts->waiting,
                  counts->overdue,
                  counts->finished,
                  counts->simulated));
  bool all_good = counts->waiting == 0 && counts->overdue == 0;
  Table table({"AUTHORITY", "CHANNEL", "ENVIRONMENT", "REACHED"});
  for (const reporting::Served& each : *served) {
    std::string reached = each.channel == nullptr ? "by hand" : "not asked";
    if (each.channel != nullptr && !options.offline) {
      const authorities::Reached said = each.channel->status();
      reached = (said.ok ? "yes: " : "NO: ") + said.message;
      all_good = all_good && said.ok;
    }
    table.add({each.authority.name,
               std::string(reports::to_string(each.authority.channel)),
               std::string(reports::to_string(each.authority.environment)),
               reached});
  }
  table.print();
  for (const config::Phone& each : config::phones_of((*desk)->config.reporting)) {
    print(fmt::format("In danger: {} {} {}\n",
                      printable(each.name),
                      printable(each.number),
                      printable(each.hours)));
  }
  return all_good ? kReportGood : kReportProblems;
}

}  // namespace tutela::cli
