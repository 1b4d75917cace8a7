// `tutela bench backlog`: owed scans are made up while live ones run.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace tutela::cli {

struct Session;

/// Adds it under `bench`.
void add_bench_backlog(CLI::App& bench, Session& session);

}  // namespace tutela::cli
