// Cached: a value that many ask for and that is worth making once in a while only.
//
// One caller makes it; meanwhile the others get the one before, and wait only where there is none.
// An error is given to who made the attempt and is not kept. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/mutex.hpp"
#include "base/result.hpp"

namespace tutela::http {

template <class Value>
class Cached {
 public:
  using Pointer = std::shared_ptr<const Value>;

  explicit Cached(std::chrono::milliseconds lasts) : lasts_(lasts) {}

  Result<Pointer> get(const std::function<Result<Value>()>& make) {
    {
      const MutexLock lock(mutex_);
      while (making_ && value_ == nullptr) {
        made_.wait(mutex_);
      }
      if (value_ != nullptr && (making_ || std::chrono::steady_clock::now() < until_)) {
        return value_;
      }
      making_ = true;
    }
    Result<Value> value = make();
    const MutexLock lock(mutex_);
    making_ = false;
    made_.notify_all();
    if (!value) {
      return value.error();
    }
    value_ = std::make_shared<const Value>(*std::move(value));
    until_ = std::chrono::steady_clock::now() + lasts_;
    return value_;
  }

 private:
  const std::chrono::milliseconds lasts_;
  Mutex mutex_;
  Condition made_;
  bool making_ TUTELA_GUARDED_BY(mutex_) = false;
  Pointer value_ TUTELA_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point until_ TUTELA_GUARDED_BY(mutex_);
};

/// One such value of each tenant.
template <class Value>
class CachedByTenant {
 public:
  explicit CachedByTenant(std::chrono::milliseconds lasts) : lasts_(lasts) {}

  Result<typename Cached<Value>::Pointer> get(const std::string& tenant_id,
                                              const std::function<Result<Value>()>& make) {
    return of(tenant_id).get(make);
  }

 private:
  Cached<Value>& of(const std::string& tenant_id) {
    const MutexLock lock(mutex_);
    return values_.try_emplace(tenant_id, lasts_).first->second;  // stays where it is
  }

  const std::chrono::milliseconds lasts_;
  Mutex mutex_;
  std::map<std::string, Cached<Value>> values_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::http
