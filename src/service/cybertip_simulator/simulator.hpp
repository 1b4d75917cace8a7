// Simulator: Tutela's own stand-in for the CyberTipline Reporting API, for tests and dry runs.
//
// It is not NCMEC's, files nothing with anybody, and says so: every answer has the header
// X-Tutela-Simulator: 1, every description begins with SIMULATED. Built from the technical
// documentation of 2025-06-11 and the schema alone, strict in all that they ask for: HTTP Basic,
// /ispws/{status,xsd,submit,upload,fileinfo,finish,retract}, codes, order of calls, expiry.
//
// Over the same address and credentials: GET /simulator/reports (JSON: what became of each report),
// POST /simulator/faults (faults.hpp), POST /simulator/expire, POST /simulator/clock
// {"advance_ms": N}.
//
// Owns one thread, which serves all connections; its methods may be called from any. Borrows the
// clock. What is uploaded is not kept: its MD5 and size are.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "service/cybertip_simulator/desk.hpp"
#include "service/cybertip_simulator/faults.hpp"

namespace tutela::cybertip_simulator {

struct Options {
  std::string listen = "127.0.0.1:0";  // address:port; port 0: any
  std::string username;
  std::string password;
  std::filesystem::path tls_certificate;  // PEM; empty: in clear
  std::filesystem::path tls_key;
  std::filesystem::path folder;  // reports as files: XML and state; empty: none
  double time_scale = 1;         // 3600: an hour a second
  std::vector<Fault> faults;
};

class Simulator {
 public:
  /// Serves from its return on. Errors: kInvalidInput "simulator.bad_listen", "simulator.bad_tls",
  /// "simulator.no_credentials"; kUnavailable "simulator.cannot_listen".
  static Result<std::unique_ptr<Simulator>> start(const Clock& clock, Options options);
  /// Breaks off whatever is in flight.
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  /// "http://127.0.0.1:41234/ispws".
  [[nodiscard]] const std::string& url() const noexcept;

  void set_faults(std::vector<Fault> faults);
  void advance(std::int64_t by_ms);
  [[nodiscard]] std::vector<StoredReport> reports();
  [[nodiscard]] std::string reports_json();

 private:
  struct Parts;
  explicit Simulator(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tutela::cybertip_simulator
