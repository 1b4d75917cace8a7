#include "drill_rows.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>

#include "base/file.hpp"

namespace tutela::cli {
namespace {

constexpr std::string_view kWorkers = "tutela-decode";
constexpr std::string_view kVault = "vault";
constexpr std::chrono::seconds kAuditsMax{120};
constexpr std::chrono::milliseconds kLook{500};

void signal_all(DrillWorld& world, std::string_view word, int number) {
  for (const pid_t pid : world.server().processes(word)) {
    ::kill(pid, number);
  }
}

Status nothing(DrillWorld& /*world*/) {
  return ok();
}

Status disarm(DrillWorld& world) {
  return world.arm({});
}

void kill_workers(DrillWorld& world) {
  signal_all(world, kWorkers, SIGKILL);
}

void stop_workers(DrillWorld& world) {
  signal_all(world, kWorkers, SIGSTOP);
}

Status let_workers_go_on(DrillWorld& world) {
  signal_all(world, kWorkers, SIGCONT);
  return ok();
}

Status empty_the_list(DrillWorld& world) {
  std::vector<std::string> arguments = {"list", "remove", std::string(DrillWorld::kList)};
  for (const std::string& signal : world.known_signals()) {
    arguments.insert(arguments.end(), {"--signal", signal});
  }
  return world.command(std::move(arguments));
}

Status fill_the_list(DrillWorld& world) {
  return world.import_signals(world.known_signals());
}

/// The list gains signals that the server does not take.
Status serve_old_generation(DrillWorld& world) {
  TUTELA_TRY(world.arm("pipeline.refresh=error\n"));
  TUTELA_TRY(world.import_signals(world.late_signals()));
  world.uploads().add_late();
  return ok();
}

/// With every item sampled, so that the audit shows what it can do with one that it looks at.
Status break_kernel(DrillWorld& world) {
  DrillSettings settings = world.settings();
  settings.sample_all = true;
  TUTELA_TRY(world.configure(settings));
  return world.arm("workers.kernel=error\n");
}

Status mend_kernel(DrillWorld& world) {
  TUTELA_TRY(world.arm({}));
  DrillSettings settings = world.settings();
  settings.sample_all = false;
  return world.configure(settings);
}

/// When the audits that are owed are made, somebody looks into what they found.
Status settle_samples(DrillWorld& world) {
  const auto until = std::chrono::steady_clock::now() + kAuditsMax;
  while (world.status().samples_owed > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kLook);
  }
  return world.command({"samples", "--settle"});
}

Status break_search(DrillWorld& world) {
  return world.arm("match.search=error\n");
}

Status make_store_read_only(DrillWorld& world) {
  return world.arm("store.write=error\n");
}

/// A disk of its own is filled; where there is none, files of the server cannot grow.
Status fill_disk(DrillWorld& world) {
  if (world.place().has_small_disk()) {
    return world.place().fill();
  }
  rlimit limit{};
  if (::prlimit(world.server().pid(), RLIMIT_FSIZE, nullptr, &limit) == 0) {
    limit.rlim_cur = 1;
    if (::prlimit(world.server().pid(), RLIMIT_FSIZE, &limit, nullptr) == 0) {
      return ok();
    }
  }
  return system_error("drill.disk", "limit the size of files");
}

Status empty_disk(DrillWorld& world) {
  if (world.place().has_small_disk()) {
    world.place().make_room();
    return ok();
  }
  rlimit limit{};
  if (::prlimit(world.server().pid(), RLIMIT_FSIZE, nullptr, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    if (::prlimit(world.server().pid(), RLIMIT_FSIZE, &limit, nullptr) == 0) {
      return ok();
    }
  }
  return system_error("drill.disk", "lift the limit of the size of files");
}

Status stop_outbox(DrillWorld& world) {
  return world.arm("webhooks.lease=hang\n");
}

Status set_scan(DrillWorld& world, bool scan) {
  DrillSettings settings = world.settings();
  settings.scan = scan;
  return world.configure(settings);
}

Status turn_scan_off(DrillWorld& world) {
  return set_scan(world, false);
}

Status turn_scan_on(DrillWorld& world) {
  return set_scan(world, true);
}

Status freeze_clock(DrillWorld& world) {
  return world.arm("clock.now=error\n");
}

void kill_vault(DrillWorld& world) {
  signal_all(world, kVault, SIGKILL);
}

Status stop_watch(DrillWorld& world) {
  return world.arm("watch.look=hang\n");
}

Status kill_server(DrillWorld& world) {
  world.server().kill();
  return ok();
}

Status start_server(DrillWorld& world) {
  return world.server().start();
}

}  // namespace

std::span<const DrillRow> drill_rows() {
  // Neighbours are noticed by different alarms, so that one need not wait for the other.
  static const std::vector<DrillRow> kRows = {
      {.name = "workers-killed",
       .title = "All decode workers are killed, again and again",
       .codes = {"workers.down", "workers.restarting", "canary.unanswered", "canary.missed"},
       .inject = nothing,
       .heal = nothing,
       .again = kill_workers},
      {.name = "list-emptied",
       .title = "A list loses all its signals",
       .codes = {"list.empty", "list.shrunk"},
       .inject = empty_the_list,
       .heal = fill_the_list,
       .answers_wrongly = true},
      {.name = "old-generation",
       .title = "An old generation of the lists is searched",
       .codes = {"index.behind"},
       .inject = serve_old_generation,
       .heal = disarm,
       .answers_wrongly = true},
      {.name = "workers-hang",
       .title = "All decode workers hang (SIGSTOP)",
       .codes = {"workers.down", "workers.restarting", "canary.unanswered", "canary.missed"},
       .inject = nothing,
       .heal = let_workers_go_on,
       .again = stop_workers},
      {.name = "scan-off",
       .title = "A door's scan is turned off by configuration",
       .codes = {"door.not_scanning"},
       .inject = turn_scan_off,
       .heal = turn_scan_on},
      {.name = "search-broken",
       .title = "The search finds nothing",
       .codes = {"canary.missed", "audit.difference"},
       .inject = break_search,
       .heal = disarm,
       .answers_wrongly = true},
      {.name = "store-read-only",
       .title = "The store cannot be written",
       .codes = {"store.read_only", "store.down"},
       .inject = make_store_read_only,
       .heal = disarm},
      {.name = "outbox-stopped",
       .title = "The outbox delivers nothing",
       .codes = {"canary.unanswered", "outbox.late"},
       .inject = stop_outbox,
       .heal = disarm},
      {.name = "disk-full",
       .title = "The disk is full",
       .codes = {"disk.full", "store.read_only", "store.down", "canary.unanswered"},
       .inject = fill_disk,
       .heal = empty_disk},
      {.name = "kernel-broken",
       .title = "A kernel computes wrong fingerprints",
       .codes = {"canary.missed", "audit.difference"},
       .inject = break_kernel,
       .heal = mend_kernel,
       .repair = settle_samples,
       .answers_wrongly = true},
      {.name = "vault-killed",
       .title = "The vault process is killed, again and again",
       .codes = {"vault.down"},
       .inject = nothing,
       .heal = nothing,
       .again = kill_vault},
      {.name = "clock-frozen",
       .title = "The clock stands still",
       .codes = {"clock.stopped", "clock.jumped"},
       .inject = freeze_clock,
       .heal = disarm},
      {.name = "watch-stopped",
       .title = "The watch itself stops",
       .codes = {"silence"},
       .inject = stop_watch,
       .heal = disarm},
      {.name = "server-killed",
       .title = "The server is killed (SIGKILL)",
       .codes = {"silence"},
       .inject = kill_server,
       .heal = start_server},
  };
  return kRows;
}

}  // namespace tutela::cli
