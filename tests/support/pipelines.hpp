// A whole pipeline on a folder of its own, with the real worker beside the tests' binaries.
#pragma once

#include <gtest/gtest.h>

#include "service/pipeline/pipeline.hpp"

namespace tutela::testing {

inline config::Config pipeline_config(const std::filesystem::path& folder) {
  config::Config config;
  config.store.folder = folder;
  config.workers.program = std::filesystem::path(TUTELA_BINARY_DIR) / "bin" / "tutela-decode";
  config.workers.processes_max = 2;
  return config;
}

inline const store::Actor& tester() {
  static const store::Actor actor{"default", "token:tester"};
  return actor;
}

/// An active list with the given signals, one a line.
inline Uuid add_active_list(pipeline::Pipeline& pipeline,
                            const std::string& name,
                            const std::string& signals,
                            lists::Purpose purpose = lists::Purpose::kTest) {
  lists::NewList spec;
  spec.name = name;
  spec.source = "own";
  spec.provenance = "made by a test";
  spec.classification = "test";
  spec.purpose = purpose;
  const Result<lists::List> list = pipeline.lists().create(tester(), spec);
  EXPECT_TRUE(list) << (list ? "" : list.error().message);
  lists::ImportReport report;
  EXPECT_TRUE(pipeline.lists().import_signals(tester(), list->id, signals, {}, report));
  EXPECT_TRUE(pipeline.dry_run_on_index(tester(), list->id, 10));
  const Result<lists::Activation> activated = pipeline.lists().activate(tester(), list->id);
  EXPECT_TRUE(activated && activated->state == lists::ActivationState::kActive);
  EXPECT_TRUE(pipeline.refresh_generation());
  return list->id;
}

/// Of work that nobody stops.
inline bool never() {
  return false;
}

/// The first column of what a query finds, each followed by a blank.
inline std::string text_of(pipeline::Pipeline& pipeline, const std::string& sql) {
  std::string found;
  EXPECT_TRUE(pipeline.database().read([&](store::Transaction& transaction) {
    return transaction.query(sql, {}, [&](const store::Row& row) {
      found += row.text(0) + " ";
      return ok();
    });
  }));
  return found;
}

/// The PDQ of a picture as the worker sees it.
inline std::string pdq_hex(pipeline::Pipeline& pipeline, ByteView picture) {
  const Result<workers::ItemBytes> bytes = workers::ItemBytes::from(picture);
  EXPECT_TRUE(bytes);
  const Result<inspect::Inspection> inspected = pipeline.workers()->inspect(*bytes);
  EXPECT_TRUE(inspected) << (inspected ? "" : inspected.error().code);
  EXPECT_GE(inspected->frames.at(0).pdq.quality, 50);
  return fingerprint::to_hex(inspected->frames.at(0).pdq.hashes[0]);
}

}  // namespace tutela::testing
