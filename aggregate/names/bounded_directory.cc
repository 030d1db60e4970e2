#include "aggregate/names/bounded_directory.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/io/start_thread.h"

namespace cpuagg::aggregate {

// Not the wall clock, which may be set meanwhile.
using Clock = std::chrono::steady_clock;

struct BoundedDirectory::Batch {
  size_t ids = 0;
  // Gets the answer for the id with this index. Owns everything that it uses.
  std::function<NameAnswer(UserDirectory&, size_t)> ask;
  std::vector<NameAnswer> answers;  // the first ones
};

// The state shared by the caller and the thread. It lives as long as either.
struct BoundedDirectory::Shared {
  explicit Shared(std::shared_ptr<UserDirectory> asked) : directory(std::move(asked)) {}

  // The thread's loop, until it is dismissed.
  void AnswerBatches();

  const std::shared_ptr<UserDirectory> directory;
  std::mutex mutex;
  std::condition_variable has_changed;
  // The mutex guards all members below, except that the thread calls batch->ask without it: the
  // batch stays until it has all answers, or for ever.
  std::optional<Batch> batch;
  bool is_dismissed = false;

  bool has_more() const { return batch.has_value() && batch->answers.size() < batch->ids; }
};

void BoundedDirectory::Shared::AnswerBatches() {
  std::unique_lock lock(mutex);
  for (;;) {
    has_changed.wait(lock, [this] { return is_dismissed || has_more(); });
    while (!is_dismissed && has_more()) {
      const size_t next = batch->answers.size();
      lock.unlock();
      NameAnswer answer = batch->ask(*directory, next);
      lock.lock();
      if (!is_dismissed) batch->answers.push_back(std::move(answer));
    }
    if (is_dismissed) return;
    has_changed.notify_all();
  }
}

BoundedDirectory::BoundedDirectory(std::shared_ptr<UserDirectory> directory, absl::Duration budget)
    : directory_(std::move(directory)), budget_(budget), left_(budget) {}

BoundedDirectory::~BoundedDirectory() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_dismissed = true;
  }
  shared_->has_changed.notify_all();
  thread_.join();
}

NameAnswer BoundedDirectory::NameOf(acct::Uid uid) { return NamesOf({&uid, 1})[0]; }
NameAnswer BoundedDirectory::NameOf(acct::Gid gid) { return NamesOf({&gid, 1})[0]; }

std::vector<NameAnswer> BoundedDirectory::NamesOf(absl::Span<const acct::Uid> ids) {
  return Find(ids, users_, unknown_users_);
}
std::vector<NameAnswer> BoundedDirectory::NamesOf(absl::Span<const acct::Gid> ids) {
  return Find(ids, groups_, unknown_groups_);
}

NameAnswer BoundedDirectory::AccountNamed(const std::string& name) {
  const std::vector<NameAnswer> answers =
      Ask({.ids = 1, .ask = [name](UserDirectory& directory, size_t) {
             return directory.AccountNamed(name);
           }});
  return answers.empty() ? Late() : answers[0];
}

NameAnswer BoundedDirectory::IdOfGroup(const std::string& name) {
  const std::vector<NameAnswer> answers =
      Ask({.ids = 1,
           .ask = [name](UserDirectory& directory, size_t) { return directory.IdOfGroup(name); }});
  return answers.empty() ? Late() : answers[0];
}

NameAnswer BoundedDirectory::Late() const {
  return absl::DeadlineExceededError(absl::StrCat("the user directory did not answer within ",
                                                  absl::ToDoubleSeconds(budget_), " s"));
}

template <typename Id>
std::vector<NameAnswer> BoundedDirectory::Find(absl::Span<const Id> ids, Answers<Id>& known,
                                               UnknownNames& unknown) {
  const NameAnswer late = Late();
  std::vector<Id> asked;
  for (const Id id : ids) {
    if (known.try_emplace(id, late).second) asked.push_back(id);
  }
  std::vector<NameAnswer> found =
      Ask({.ids = asked.size(), .ask = [asked](UserDirectory& directory, size_t i) {
             return directory.NameOf(asked[i]);
           }});
  for (size_t i = 0; i < found.size(); ++i) known.find(asked[i])->second = std::move(found[i]);
  for (const Id id : asked) unknown.Count(known.find(id)->second);

  std::vector<NameAnswer> answers;
  answers.reserve(ids.size());
  for (const Id id : ids) answers.push_back(known.find(id)->second);
  return answers;
}

bool BoundedDirectory::HasThread() {
  if (shared_ == nullptr) {
    shared_ = std::make_shared<Shared>(directory_);
    thread_ = acct::StartThread([shared = shared_] { shared->AnswerBatches(); });
  }
  return thread_.joinable();
}

std::vector<NameAnswer> BoundedDirectory::Ask(Batch batch) {
  if (batch.ids == 0 || left_ <= absl::ZeroDuration()) return {};
  const Clock::time_point start = Clock::now();
  const Clock::time_point deadline = start + absl::ToChronoNanoseconds(left_);
  std::vector<NameAnswer> answers;
  if (HasThread()) {
    std::unique_lock lock(shared_->mutex);
    shared_->batch = std::move(batch);
    shared_->has_changed.notify_all();
    const bool has_all =
        shared_->has_changed.wait_until(lock, deadline, [&] { return !shared_->has_more(); });
    answers = std::move(shared_->batch->answers);
    if (!has_all) {
      // The thread notices this when it returns from its current call.
      shared_->is_dismissed = true;
      thread_.detach();
      left_ = absl::ZeroDuration();
      return answers;
    }
    shared_->batch.reset();
  } else {
    while (answers.size() < batch.ids && Clock::now() < deadline) {
      answers.push_back(batch.ask(*directory_, answers.size()));
    }
  }
  left_ -= absl::FromChrono(Clock::now() - start);
  return answers;
}

}  // namespace cpuagg::aggregate
