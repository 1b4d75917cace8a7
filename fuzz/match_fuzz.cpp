// Every kernel finds the same hits in any generation as the scalar definition does, with an index
// and without one.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/check.hpp"
#include "engine/match/match.hpp"

namespace {

using tutela::fingerprint::Pdq256;

/// The next hash: a copy of `near` with as many words changed as the input has bytes for.
Pdq256 take_hash(std::span<const std::uint8_t>& data, const Pdq256& near) {
  Pdq256 value = near;
  if (data.empty()) {
    return value;
  }
  const std::size_t bytes = std::min<std::size_t>(data[0] % 33, data.size() - 1);
  std::vector<std::uint8_t> raw(sizeof(Pdq256));
  std::memcpy(raw.data(), &value, raw.size());
  for (std::size_t i = 0; i < bytes; ++i) {
    raw[i * 7 % raw.size()] ^= data[1 + i];
  }
  std::memcpy(&value, raw.data(), raw.size());
  data = data.subspan(1 + bytes);
  return value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela::match;
  std::span<const std::uint8_t> input(data, size);
  if (input.size() < 2) {
    return 0;
  }
  GenerationBuilder for_linear;
  GenerationBuilder for_index;
  for (GenerationBuilder* const builder : {&for_linear, &for_index}) {
    builder->add_list({.id = {}, .version = 1, .pdq_distance_max = input[0] % 70});
    builder->add_list({.id = {}, .version = 1, .pdq_distance_max = input[1] % 70});
  }
  input = input.subspan(2);
  std::vector<Pdq256> variants(8);
  for (Pdq256& variant : variants) {
    variant = take_hash(input, variants[0]);
  }
  for (std::int64_t id = 0; !input.empty(); ++id) {
    const std::uint32_t list = input[0] / 64U % 2U;
    const Pdq256 value = take_hash(input, variants[static_cast<std::size_t>(id) % 8]);
    for_linear.add_pdq(list, id, value);
    for_index.add_pdq(list, id, value);
  }
  const auto generation = std::move(for_linear).build();
  const auto indexed = std::move(for_index).build({.index_signals_min = 0, .run_steps = {}});
  force_kernel(Kernel::kScalar);
  const auto all = generation->search_pdq({variants, 1});
  const auto one = generation->search_pdq({{&variants[1], 1}, 1});
  for (const Kernel kernel : supported_kernels()) {
    force_kernel(kernel);
    TUTELA_CHECK(generation->search_pdq({variants, 1}) == all);
    TUTELA_CHECK(generation->search_pdq({{&variants[1], 1}, 1}) == one);
    TUTELA_CHECK(indexed->search_pdq({variants, 1}) == all);
    TUTELA_CHECK(indexed->search_pdq({{&variants[1], 1}, 1}) == one);
  }
  return 0;
}
