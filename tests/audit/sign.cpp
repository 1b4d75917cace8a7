// Writes entries into a data folder and signs them, in the place of the vault process:
// audit_sign DATA_FOLDER ENTRIES
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "custody/audit/entry.hpp"
#include "custody/audit/sequencer.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  namespace audit = tutela::audit;
  namespace store = tutela::store;
  using tutela::Error;
  using tutela::ok;
  using tutela::Status;
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  const auto fail = [](const Error& error) {
    std::fprintf(stderr, "%s [%s]\n", error.message.c_str(), std::string(error.code).c_str());
    return 2;
  };
  const auto database = store::Database::open({.path = folder / "tutela.db"});
  if (!database) {
    return fail(database.error());
  }
  const Status written = (*database)->write([&](store::Transaction& transaction) -> Status {
    for (int i = 0; i < std::atoi(argv[2]); ++i) {
      TUTELA_TRY(audit::add(transaction,
                            {"default", "person:" + std::to_string(i % 3), "reviewer"},
                            1'763'805'600'000 + i,
                            {"evidence.view", "evidence:" + std::to_string(i), "review", "ok"}));
    }
    return ok();
  });
  if (!written) {
    return fail(written.error());
  }
  audit::LogOptions options = audit::LogOptions::in(folder);
  if (const char* const copy = std::getenv("TUTELA_AUDIT__CHECKPOINT_COPY"); copy != nullptr) {
    options.checkpoint_copy = copy;
  }
  auto sequencer = audit::Sequencer::open(options, **database);
  if (!sequencer) {
    return fail(sequencer.error());
  }
  const auto size = (*sequencer)->follow({});
  return size ? 0 : fail(size.error());
}
