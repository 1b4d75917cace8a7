#include "base/thread.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace tutela {
namespace {

int nice_of_this_thread() {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

TEST(Thread, LowersThePriorityOfItselfAndOfThoseItStarts) {
  const int before = nice_of_this_thread();
  int lowered = -1;
  int again = -1;
  int started = -1;
  std::thread([&] {
    lower_priority_of_this_thread();
    lowered = nice_of_this_thread();
    lower_priority_of_this_thread();
    again = nice_of_this_thread();
    std::thread([&] { started = nice_of_this_thread(); }).join();
  }).join();
  EXPECT_EQ(lowered, std::max(before, 10));
  EXPECT_EQ(again, lowered);
  EXPECT_EQ(started, lowered);
  EXPECT_EQ(nice_of_this_thread(), before) << "other threads keep theirs";
  int later = -1;
  std::thread([&] { later = nice_of_this_thread(); }).join();
  EXPECT_EQ(later, before);
}

}  // namespace
}  // namespace tutela
