// DemoWorld: the folder of the demo: its pictures, its list, its configuration. Everything in it is
// made by this program and harmless. Functions are called once, in order, from one thread; each
// leaves alone what is there already.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::cli {

struct DemoWorld {
  std::filesystem::path folder;

  [[nodiscard]] std::filesystem::path originals() const { return folder / "originals"; }

  /// What is scanned: copies and variants of the originals, and pictures that are on no list.
  [[nodiscard]] std::filesystem::path uploads() const { return folder / "uploads"; }

  /// Scenes that the lists of demo cases are of, and what accounts uploaded.
  [[nodiscard]] std::filesystem::path scenes() const { return folder / "scenes"; }

  [[nodiscard]] std::filesystem::path accounts() const { return folder / "accounts"; }

  /// Who signs in, and with what: for the demo alone.
  [[nodiscard]] std::filesystem::path people_file() const { return folder / "demo-people"; }

  [[nodiscard]] std::filesystem::path config_file() const { return folder / "tutela.toml"; }

  [[nodiscard]] std::filesystem::path token_file() const { return folder / "demo-token"; }
};

inline constexpr const char* kDemoList = "demo";

/// Writes the pictures that are absent.
Status make_demo_pictures(const DemoWorld& world);

/// Where the demo's reports go: its own simulator.
struct DemoAuthority {
  std::string url;
  std::string password;
};

/// Writes tutela.toml where it is absent. Addresses come from `config`; `intake_listen` is that of
/// the public pages.
Status write_demo_config(const DemoWorld& world,
                         const config::Config& config,
                         const std::string& intake_listen,
                         const DemoAuthority& authority);
/// The list, filled from the originals, after a dry run over the uploads, active.
Status make_demo_list(const DemoWorld& world, pipeline::Pipeline& pipeline);
/// A fresh token for scan, read and lists, in the token file; earlier ones of the demo are revoked.
Status make_demo_token(const DemoWorld& world, pipeline::Pipeline& pipeline, const Clock& clock);

}  // namespace tutela::cli
