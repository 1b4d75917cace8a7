// `tutela bench ledger`: what the ledger's figures cost when it is large.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace tutela::cli {

struct Session;

/// Adds it under `bench`.
void add_bench_ledger(CLI::App& bench, Session& session);

}  // namespace tutela::cli
