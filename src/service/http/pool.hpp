// Pool: runs a blocking call on a thread pool and awaits it.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tutela::http {

/// Resumes on the coroutine's own executor. `work` must not throw, and what it borrows must live in
/// the awaiting coroutine. The pool is joined before the io_context goes.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> run_on(boost::asio::thread_pool& pool,
                                                           Work work) {
  namespace asio = boost::asio;
  std::optional<std::invoke_result_t<Work&>> result;
  auto initiate = [&](auto handler) {
    asio::post(pool, [&result, &work, handler = std::move(handler)]() mutable {
      result.emplace(work());
      const auto executor = asio::get_associated_executor(handler);
      asio::post(executor, std::move(handler));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate,
                                                                       asio::use_awaitable);
  co_return *std::move(result);
}

}  // namespace tutela::http
