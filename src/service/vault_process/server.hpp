// Server: the vault process: listens at a unix socket, answers the calls of vault_client, and does
// the vault's work in the background.
//
// One process on a set of key folders. run() returns when `stop_requested` says so.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/file.hpp"
#include "base/result.hpp"
#include "service/vault_client/wire.hpp"
#include "service/vault_process/keeper.hpp"

namespace tutela::vault_process {

/// One call, from its request to its end.
void answer(Keeper& keeper, vault_client::Channel& channel);

/// Answers until asked to stop: at most `calls_max` at a time, further ones wait to be accepted.
/// What is being answered then has `grace` to end, and is cut.
Status run(Keeper& keeper,
           Fd listener,
           std::size_t calls_max,
           const std::function<bool()>& stop_requested,
           std::chrono::milliseconds grace = std::chrono::seconds(10));

}  // namespace tutela::vault_process
