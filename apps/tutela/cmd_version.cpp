// tutela version: what this program is, and what is in it.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/fault.hpp"
#include "commands.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

template <class Kernels, class Kernel>
std::string kernels_text(const Kernels& supported, Kernel active) {
  std::string text;
  for (const Kernel kernel : supported) {
    text += fmt::format(
        "{}{}{}", text.empty() ? "" : " ", to_string(kernel), kernel == active ? "*" : "");
  }
  return text;
}

int version(bool features) {
  print("tutela " TUTELA_VERSION "\n");
  if (!features) {
    return kNothingFound;
  }
  Table table({"FEATURE", "STATE"});
  table.add({"pictures", "JPEG PNG WebP GIF TIFF AVIF HEIC BMP"});
  table.add({"fingerprints", "PDQ (8 orientations) MD5 SHA-1 SHA-256"});
  table.add({"pdq kernels",
             kernels_text(fingerprint::supported_kernels(), fingerprint::active_kernel())});
  table.add({"match kernels", kernels_text(match::supported_kernels(), match::active_kernel())});
  table.add({"store", "SQLite"});
  table.add({"tls", "OpenSSL 3"});
  table.add({"video", "no"});
  table.add({"PostgreSQL", "no"});
  table.add({"NATS", "no"});
  table.add({"S3", "no"});
  table.add({"fault hooks", fault::kCompiledIn ? "yes: not for production" : "no"});
  table.print();
  print("* the kernel in use on this machine\n");
  return kNothingFound;
}

}  // namespace

void add_version(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "version", "Prints the version", "Exit status: 0.");
  const auto features = std::make_shared<bool>(false);
  command.add_flag("--features", *features, "Also what is built in");
  command.callback([&session, features] {
    session.run = [features] {
      return version(*features);
    };
  });
}

}  // namespace tutela::cli
