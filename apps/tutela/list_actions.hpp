// List actions: what the commands under `tutela list` do, on an opened data folder. Each returns
// the exit status.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "exchange/lists/lists.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::cli {

struct ListOptions {
  lists::NewList spec;
  std::string purpose;
  std::string action;
  std::string name;
  std::string kind;
  std::filesystem::path file;
  std::vector<std::filesystem::path> paths;
  std::vector<std::string> signals;
  std::int64_t index_limit = 0;
  bool skip_bad = false;
  bool json = false;
};

int show_lists(pipeline::Pipeline& pipeline, const ListOptions& options);
int show_list(pipeline::Pipeline& pipeline, const ListOptions& options);
int show_list_stats(pipeline::Pipeline& pipeline, const ListOptions& options);
int create_list(pipeline::Pipeline& pipeline, const ListOptions& options);
int remove_list(pipeline::Pipeline& pipeline, const ListOptions& options);
int import_signals(pipeline::Pipeline& pipeline, const ListOptions& options);
int export_signals(pipeline::Pipeline& pipeline, const ListOptions& options);
int dry_run_list(pipeline::Pipeline& pipeline, const ListOptions& options);
int activate_list(pipeline::Pipeline& pipeline, const ListOptions& options);
int deactivate_list(pipeline::Pipeline& pipeline, const ListOptions& options);
int set_list_action(pipeline::Pipeline& pipeline, const ListOptions& options);

}  // namespace tutela::cli
