// The benchmarks under `tutela bench`: each adds itself.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace tutela::cli {

struct Session;

/// `tutela bench backlog`: owed scans are made up while live ones run.
void add_bench_backlog(CLI::App& bench, Session& session);
/// `tutela bench index`: the index of PDQ signals on this machine.
void add_bench_index(CLI::App& bench, Session& session);
/// `tutela bench intake`: notices handed in to a real server, and what a kill -9 does to them.
void add_bench_intake(CLI::App& bench, Session& session);
/// `tutela bench ledger`: what the ledger's figures cost when it is large.
void add_bench_ledger(CLI::App& bench, Session& session);

}  // namespace tutela::cli
