// Background: what a server does besides answering: follows changed lists, finishes owed items,
// searches what was posted before, merges indexes, closes what people decided, files reports, makes
// sampling audits, removes what is kept no longer.
//
// Owns a thread for each; the destructor ends them, after at most the item in progress.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "base/mutex.hpp"
#include "casework/reports/reports.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::http {

struct Reporting;
struct Review;

class Background {
 public:
  /// Borrows all.
  Background(pipeline::Pipeline& pipeline,
             const vault_client::Client& vault,
             Review& review,
             Reporting& reporting);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Asks the threads to end without waiting for them.
  void request_stop();

 private:
  /// Calls `work` at once and then every `pause` until stopped.
  void repeat(std::chrono::milliseconds pause, const std::function<void()>& work);
  void refresh_lists();
  void finish_owed();
  void follow_posted();
  void merge_indexes();
  void keep_evidence();
  void close_cases();
  void file_reports(reports::Which which, std::string& failed);
  void look_after_reports();
  void audit_samples();
  void compact_ledger();

  pipeline::Pipeline& pipeline_;
  const vault_client::Client& vault_;
  Review& review_;
  Reporting& reporting_;
  std::string filing_failed_;  // said already; each of one thread
  std::string urgent_failed_;
  std::string reports_failed_;
  std::string posted_failed_;
  std::string samples_failed_;
  std::string compaction_failed_;
  std::int64_t differences_ = 0;  // of sampling audits; said already
  std::chrono::steady_clock::time_point vault_up_ = std::chrono::steady_clock::now();
  bool vault_down_ = false;  // said already
  std::atomic<bool> stop_{false};
  Mutex mutex_;
  Condition stopped_;
  std::thread lists_;
  std::thread owed_;
  std::thread posted_;
  std::thread merges_;
  std::thread evidence_;
  std::thread cases_;
  std::thread filing_;
  std::thread urgent_;  // files what is urgent while filing_ is busy
  std::thread reports_;
  std::thread samples_;
  std::thread compaction_;
};

}  // namespace tutela::http
