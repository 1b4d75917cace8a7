// tutela simulate: stand-ins for services that Tutela talks to, for dry runs.
#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "commands.hpp"
#include "crypto/secret.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "service/cybertip_simulator/simulator.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "This is Tutela's own simulator of the CyberTipline Reporting API. It is not NCMEC's, NCMEC\n"
    "does not know of it, and nothing is filed with anybody: every answer says so, and a receipt\n"
    "of it never counts. It is built from the documentation alone, as strict as that is, and only\n"
    "shows that reports fit it; what NCMEC takes is known from their test system.\n"
    "What is uploaded is not kept, only its MD5 and size. The state is gone when it ends.\n"
    "Modes: normal, slow, unavailable, lost-answers, wrong-password, rejecting, other-bytes,\n"
    "expiring. Faults in a file, or posted to /simulator/faults, are a JSON array of\n"
    "  {\"on\": \"status|submit|upload|fileinfo|finish|retract|any\", \"do\": WORD, \"nth\": 1,\n"
    "   \"times\": 1 (0: always), \"ms\": 0, \"code\": 1000, \"http\": 500, \"body\": "
    "\"xml|html|empty\"}\n"
    "where WORD is late, late_effect, lose_answer, close_before, cut, refuse, lie, other_bytes,\n"
    "truncated, half, oversized, deep, doctype, twice, empty, other_report, no_files, drip or\n"
    "expire_before. GET /simulator/reports tells what became of each report.\n"
    "Exit status: 0 ended by a signal, 2 error.\n"
    "Examples:\n"
    "  tutela simulate cybertip\n"
    "  tutela simulate cybertip --listen 127.0.0.1:8443 --tls-certificate c.pem --tls-key k.pem\n"
    "  tutela simulate cybertip --mode lost-answers --folder /tmp/reports";

struct SimulateOptions {
  cybertip_simulator::Options of;
  std::filesystem::path password_file;
  std::filesystem::path faults_file;
  std::string mode = "normal";
};

constexpr std::uint64_t kFileBytesMax = 1U << 20;

Result<std::string> text_of(const std::filesystem::path& file) {
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(file, kFileBytesMax));
  return std::string(as_text(bytes));
}

Status complete(SimulateOptions& options) {
  if (options.password_file.empty()) {
    std::array<std::byte, 12> random{};
    crypto::random_bytes(random);
    options.of.password = to_hex(random);
  } else {
    TUTELA_TRY_ASSIGN(std::string password, text_of(options.password_file));
    password.erase(password.find_last_not_of("\r\n") + 1);
    options.of.password = std::move(password);
  }
  TUTELA_TRY_ASSIGN(options.of.faults, cybertip_simulator::faults_of_mode(options.mode));
  if (!options.faults_file.empty()) {
    TUTELA_TRY_ASSIGN(const std::string text, text_of(options.faults_file));
    TUTELA_TRY_ASSIGN(std::vector<cybertip_simulator::Fault> more,
                      cybertip_simulator::parse_faults(text));
    // The first that fits acts: those of the file are the more particular ones.
    more.insert(more.end(), options.of.faults.begin(), options.of.faults.end());
    options.of.faults = std::move(more);
  }
  return ok();
}

int simulate(const Session& session, SimulateOptions options) {
  if (const Status completed = complete(options); !completed) {
    return fail(completed.error());
  }
  const InterruptGuard guard;
  const auto simulator = cybertip_simulator::Simulator::start(session.clock, options.of);
  if (!simulator) {
    return fail(simulator.error());
  }
  print(
      "Tutela's own simulator of the CyberTipline Reporting API. Not NCMEC's; nothing is filed.\n");
  print("url       " + (*simulator)->url() + "\n");
  print("username  " + options.of.username + "\n");
  if (options.password_file.empty()) {
    print("password  " + options.of.password + "\n");
  }
  static_cast<void>(output_whole());
  while (!stop_requested()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  print((*simulator)->reports_json() + "\n");
  return kNothingFound;
}

}  // namespace

void add_simulate(CLI::App& app, Session& session) {
  CLI::App& group = add_command(app, "simulate", "Simulates a service that takes reports");
  group.require_subcommand(1);
  CLI::App& command = add_command(
      group, "cybertip", "Tutela's own simulator of the CyberTipline (nothing is filed)", kClosing);
  const auto options = std::make_shared<SimulateOptions>();
  options->of.username = "simulated";
  command.add_option("--listen", options->of.listen, "Address and port; port 0: any that is free")
      ->capture_default_str();
  command.add_option("--username", options->of.username, "The user name it takes")
      ->capture_default_str();
  command
      .add_option("--password-file",
                  options->password_file,
                  "File with the password it takes; without it one is made and printed")
      ->type_name("FILE");
  CLI::Option* const certificate =
      command
          .add_option("--tls-certificate", options->of.tls_certificate, "Certificate chain, PEM")
          ->type_name("FILE");
  command.add_option("--tls-key", options->of.tls_key, "Its private key, PEM")
      ->type_name("FILE")
      ->needs(certificate);
  command.add_option("--mode", options->mode, "What goes wrong")->capture_default_str();
  command.add_option("--faults", options->faults_file, "Faults one by one, JSON")
      ->type_name("FILE");
  command
      .add_option("--folder",
                  options->of.folder,
                  "Write the XML and the state of each report here; they hold personal data")
      ->type_name("DIR");
  command
      .add_option(
          "--time-scale", options->of.time_scale, "How fast its time goes; 3600: 1 h a second")
      ->check(CLI::Range(0.001, 1e6));
  command.callback([&session, options] {
    session.run = [&session, options] {
      return simulate(session, *options);
    };
  });
}

}  // namespace tutela::cli
