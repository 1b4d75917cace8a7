#include <algorithm>
#include <atomic>
#include <thread>

#include "service/pipeline/state.hpp"

namespace tutela::pipeline {
namespace {

/// What one list says of one content, without deciding anything.
Pipeline::DryRunItem try_list(const match::Generation& generation,
                              const crypto::Digests& digests,
                              const Result<inspect::Inspection>& inspected) {
  Pipeline::DryRunItem item;
  const Search search =
      search_content(generation,
                     digests,
                     inspected ? inspected->frames : std::vector<inspect::FrameFingerprint>{});
  item.matched = !search.hits.empty();
  if (item.matched) {
    item.distance = std::min_element(search.hits.begin(),
                                     search.hits.end(),
                                     [](const match::Hit& a, const match::Hit& b) {
                                       return a.distance < b.distance;
                                     })
                        ->distance;
  } else if (!inspected) {
    item.unscannable_reason = inspected.error().code;
  }
  return item;
}

Result<Pipeline::DryRunItem> try_file(const match::Generation& generation,
                                      workers::Workers& workers,
                                      const std::filesystem::path& file,
                                      std::uint64_t size_bytes_max) {
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(file, size_bytes_max));
  TUTELA_TRY_ASSIGN(const workers::ItemBytes item, workers::ItemBytes::from(bytes));
  const Result<inspect::Inspection> inspected = workers.inspect(item);
  if (!inspected && !workers::is_item_error(inspected.error())) {
    return inspected.error();
  }
  return try_list(generation, crypto::digests_of(bytes), inspected);
}

void count(lists::DryRun& run, const Pipeline::DryRunItem& item) {
  ++run.sample_size;
  run.matched += item.matched ? 1 : 0;
  run.unscannable += item.unscannable_reason.empty() ? 0 : 1;
}

/// Files are taken by several threads; results come back one at a time.
struct FileRun {
  std::atomic<std::size_t> next{0};
  Mutex mutex;
  lists::DryRun run TUTELA_GUARDED_BY(mutex);
  std::optional<Error> failed TUTELA_GUARDED_BY(mutex);
};

}  // namespace

Result<lists::DryRun> Pipeline::dry_run(const store::Actor& actor,
                                        const Uuid& list_id,
                                        const std::vector<std::filesystem::path>& files,
                                        const std::function<void(const DryRunItem&)>& on_item) {
  Internals& state = *state_;
  TUTELA_TRY_ASSIGN(const lists::List list, state.lists->get(actor, tutela::to_string(list_id)));
  TUTELA_TRY_ASSIGN(const std::shared_ptr<const match::Generation> generation,
                    state.lists->load_generation(list_id));
  const std::shared_ptr<workers::Workers> workers = state.current_workers();
  const std::uint64_t size_bytes_max = state.current_settings()->limits.size_bytes_max;
  FileRun work;
  const auto take_files = [&] {
    for (std::size_t i = work.next++; i < files.size(); i = work.next++) {
      Result<DryRunItem> item = try_file(*generation, *workers, files[i], size_bytes_max);
      const MutexLock lock(work.mutex);
      if (!item && item.error().kind == ErrorKind::kUnavailable) {
        work.failed = item.error();
        work.next = files.size();
        return;
      }
      DryRunItem result = item ? *item : DryRunItem{{}, false, std::string(item.error().code), 0};
      result.label = files[i].string();
      count(work.run, result);
      on_item(result);
    }
  };
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < workers->health().processes_max; ++i) {
    threads.emplace_back(take_files);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const MutexLock lock(work.mutex);
  if (work.failed) {
    return *work.failed;
  }
  work.run.list_version = list.version;
  return state.lists->record_dry_run(actor, list_id, work.run);
}

Result<lists::DryRun> Pipeline::dry_run_on_index(const store::Actor& actor,
                                                 const Uuid& list_id,
                                                 std::int64_t limit) {
  Internals& state = *state_;
  TUTELA_TRY_ASSIGN(const lists::List list, state.lists->get(actor, tutela::to_string(list_id)));
  TUTELA_TRY_ASSIGN(const std::shared_ptr<const match::Generation> generation,
                    state.lists->load_generation(list_id));
  lists::DryRun run;
  run.list_version = list.version;
  TUTELA_TRY(state.ledger->for_each_indexed(
      actor, limit, [&](const ledger::Ledger::Indexed& indexed) -> Status {
        Result<inspect::Inspection> inspected = inspect::Inspection{{}, indexed.frames};
        if (indexed.frames.empty()) {
          inspected = Error{ErrorKind::kInvalidInput, "no_frames", ""};
        }
        count(run, try_list(*generation, indexed.digests, inspected));
        return ok();
      }));
  return state.lists->record_dry_run(actor, list_id, run);
}

}  // namespace tutela::pipeline
