// Intake (service): what runs around notices. Finds their cases, scans their files, answers them
// when cases close, tells deputies, reads the mailbox, and says to the watch how promises stand.
//
// Made once by the server and outlives every request. Owns its threads; thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "casework/intake/notices.hpp"
#include "casework/partners/partners.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/pipeline.hpp"
#include "watch/alarms/observations.hpp"

namespace tutela::intake_service {

/// What notices promise and bound, by configuration.
[[nodiscard]] intake::Rules rules_of(const config::IntakeConfig& config);

/// For metrics.
struct Figures {
  /// By the words of channel and queue: those that this process sorted, since it began.
  std::map<std::pair<std::string, std::string>, std::int64_t> received;
  std::vector<intake::Kept> kept;  // of ten years
};

class Intake {
 public:
  using Settings = std::function<std::shared_ptr<const config::Config>()>;

  /// Borrows all. Error: those of the key file.
  static Result<std::unique_ptr<Intake>> open(Settings settings,
                                              pipeline::Pipeline& pipeline,
                                              const Clock& clock);
  virtual ~Intake() = default;

  [[nodiscard]] virtual intake::Notices& notices() noexcept = 0;
  [[nodiscard]] virtual partners::Partners& partners() noexcept = 0;
  /// Of proofs of work.
  [[nodiscard]] virtual const crypto::Key& key() const noexcept = 0;

  /// Begins a file of a notice: door "intake", scanned like an upload, kept as evidence whatever
  /// the verdict is. The caller appends and finishes it, and names its id in the notice.
  virtual Result<pipeline::Intake> receive_file(const store::Actor& actor,
                                                const intake::NewNotice& notice) = 0;
  /// There is something new to sort: at once, not at the next look.
  virtual void wake() = 0;

  /// Starts the threads; the destructor ends them.
  virtual void start() = 0;
  virtual void request_stop() = 0;

  /// Said by whoever reads the mailbox: whether it can be read.
  virtual void note_mail(bool failing) = 0;

  /// For the watch; never blocks.
  [[nodiscard]] virtual alarms::IntakeState state() const = 0;
  [[nodiscard]] virtual Figures figures() const = 0;
};

}  // namespace tutela::intake_service
