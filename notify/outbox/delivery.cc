#include "notify/outbox/delivery.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/io/file_lock.h"
#include "notify/outbox/fallback.h"
#include "notify/outbox/open_messages.h"
#include "notify/outbox/retry_policy.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/send_message.h"

namespace cpuagg::notify {
namespace {

class Courier {
 public:
  Courier(const Outbox& outbox, BotApi& api, const DeliveryOptions& options)
      : outbox_(outbox),
        api_(api),
        options_(options),
        wait_left_(options.max_wait),
        deadline_(options.stopwatch() + options.run_budget) {}

  absl::Status DeliverAll() {
    absl::StatusOr<OutboxState> state = outbox_.LoadState();
    if (state.ok()) {
      state_ = *std::move(state);
    } else if (absl::Status status = ReloadState(); absl::IsFailedPrecondition(status)) {
      // The state belongs to another version of the program, which must not miss anything.
      return status;
    } else if (!status.ok()) {
      // The new ids of migrated chats are unknown then; the server will report them again.
      summary_.problems.emplace_back(status.message());
      summary_.has_damage = true;
    }
    absl::StatusOr<OutboxListing> listing = outbox_.ListAndSetAside();
    if (!listing.ok()) return listing.status();
    for (std::string& problem : listing->damaged) summary_.problems.push_back(std::move(problem));
    summary_.has_damage |= !listing->damaged.empty();
    for (std::string& problem : listing->unreadable) {
      summary_.problems.push_back(absl::StrCat(problem, "; it is kept, and the others are sent"));
      ++summary_.postponed;
    }
    absl::Status status = DeliverReports(listing->reports);
    for (const QueuedReport& report : listing->reports) summary_.postponed += CountOpen(report);
    return status;
  }

  DeliverySummary TakeSummary() { return std::move(summary_); }

 private:
  // A report on its way to one chat.
  struct Stop {
    QueuedReport* report;
    ChatQueue* delivery;
    size_t next = 0;    // the first part that this run has not reached
    bool hung = false;  // on the part before it
  };

  bool IsOpen(const QueuedMessage& part) const { return notify::IsOpen(part, options_.guarantee); }
  int CountOpen(const auto& of) const { return notify::CountOpen(of, options_.guarantee); }

  absl::Duration TimeLeft() const { return deadline_ - options_.stopwatch(); }
  // The current stop's part of the remaining time: as much as each later stop has.
  absl::Duration ShareOfTime() const { return TimeLeft() / std::max(stops_left_, 1); }

  absl::Status DeliverReports(std::vector<QueuedReport>& reports) {
    const absl::Time now = options_.clock();
    std::vector<Stop> stops;
    for (QueuedReport& report : reports) {
      // The clock does not prove the age: it may have been wrong when the report was queued, and
      // the machine may have been off since. So an expired report is tried once more. A report from
      // the future counts as created now.
      if (report.created_at > now) {
        report.created_at = now;
        report.expires_at = now + options_.lifetime;
      }
      if (now >= report.expires_at) last_tries_.insert(report.id);
      for (ChatQueue& delivery : report.deliveries) {
        delivery.chat.id = state_.ChatNow(delivery.chat.id);
        for (size_t i = 0; i < delivery.parts.size(); ++i) {
          const PartState state = delivery.parts[i].state;
          if (state != PartState::kUnconfirmed && state != PartState::kSending) continue;
          // A chat that did not answer in the previous run may not answer now.
          hanging_chats_.insert(delivery.chat.id);
          // It was sent at least once, and now is not to be sent again.
          if (IsOpen(delivery.parts[i])) continue;
          if (absl::Status status = TellAndClose(report, delivery, i); !status.ok()) return status;
        }
        stops.push_back({.report = &report, .delivery = &delivery});
      }
    }
    if (absl::Status status = Visit(std::move(stops)); !status.ok()) return status;
    for (QueuedReport& report : reports) {
      if (absl::Status status = Finish(report); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Visits the chats in turn, in the order of the reports. Chats that hang come last; those that
  // hang again are left to the next run.
  absl::Status Visit(std::vector<Stop> stops) {
    stops_left_ = static_cast<int>(stops.size());
    std::vector<Stop> later;
    for (Stop& stop : stops) {
      if (!hanging_chats_.contains(stop.delivery->chat.id)) {
        if (absl::Status status = DeliverTo(stop); !status.ok()) return status;
        if (!stop.hung) {
          --stops_left_;
          continue;
        }
        hanging_chats_.insert(stop.delivery->chat.id);
      }
      later.push_back(stop);
    }
    std::set<std::string> left;
    for (Stop& stop : later) {
      stop.hung = false;
      if (!left.contains(stop.delivery->chat.id)) {
        if (absl::Status status = DeliverTo(stop); !status.ok()) return status;
        if (stop.hung) left.insert(stop.delivery->chat.id);
      }
      --stops_left_;
    }
    return absl::OkStatus();
  }

  // Removes a report without open messages. An expired one that has been tried once more becomes a
  // notice.
  absl::Status Finish(QueuedReport& report) {
    if (last_tries_.erase(report.id) > 0 && CountOpen(report) > 0) {
      GiveUp(report);
      if (absl::Status status = outbox_.Save(report); !status.ok()) return status;
      std::vector<Stop> stops;
      for (ChatQueue& delivery : report.deliveries) {
        stops.push_back({.report = &report, .delivery = &delivery});
      }
      if (absl::Status status = Visit(std::move(stops)); !status.ok()) return status;
    }
    if (CountOpen(report) > 0) return absl::OkStatus();
    if (absl::Status status = RememberAlerts(report); !status.ok()) return status;
    return outbox_.Remove(report);
  }

  // Puts into the state what `report` has told, if a crash kept the run that queued it from doing
  // so. Once the report is removed nothing else knows it.
  absl::Status RememberAlerts(const QueuedReport& report) {
    const auto is_missing = [this](const AlertMark& mark) {
      return std::find(state_.alerts.begin(), state_.alerts.end(), mark) == state_.alerts.end();
    };
    if (std::none_of(report.alerts.begin(), report.alerts.end(), is_missing)) {
      return absl::OkStatus();
    }
    return ReloadState([&] {
      std::copy_if(report.alerts.begin(), report.alerts.end(), std::back_inserter(state_.alerts),
                   is_missing);
    });
  }

  // Says of each chat that has not all of an expired report that the rest is given up, and makes
  // the report a notice to them.
  void GiveUp(QueuedReport& report) {
    for (const ChatQueue& delivery : report.deliveries) {
      if (CountOpen(delivery) == 0) continue;
      std::string why;
      for (const QueuedMessage& part : delivery.parts) {
        if (!IsOpen(part)) continue;
        ++summary_.failed;
        why = part.detail;
      }
      summary_.problems.push_back(absl::StrCat(What(report, delivery), "expired, and is given up",
                                               why.empty() ? "" : ": ", why));
    }
    BecomeNotice(report, options_.guarantee, options_.clock(), options_.lifetime);
  }

  // Delivers the messages to one chat in order, up to one on which the chat hangs.
  absl::Status DeliverTo(Stop& stop) {
    QueuedReport& report = *stop.report;
    ChatQueue& delivery = *stop.delivery;
    for (; stop.next < delivery.parts.size() && !stop.hung; ++stop.next) {
      const size_t i = stop.next;
      if (!IsOpen(delivery.parts[i]) || summary_.bot_refused) continue;
      if (TimeLeft() <= absl::ZeroDuration()) {
        last_tries_.erase(report.id);
        break;
      }
      absl::Status status = DeliverPart(report, delivery, i, stop.hung);
      if (!status.ok()) return status;
      // The part may have been changed, or may be followed by new parts; the index is still valid.
      if (status = TellAndClose(report, delivery, i); !status.ok()) return status;
      // Later parts must not overtake one that waits.
      if (delivery.parts[i].state == PartState::kPending) break;
    }
    return absl::OkStatus();
  }

  // Sets `hung` if the chat used all of its time.
  absl::Status DeliverPart(QueuedReport& report, ChatQueue& delivery, size_t index, bool& hung) {
    if (delivery.parts[index].state == PartState::kSending &&
        options_.guarantee == Guarantee::kAtMostOnce) {
      // A run was killed at this point.
      return Set(report, delivery.parts[index], PartState::kUnconfirmed,
                 "the run that sent it was killed");
    }
    if (refused_chats_.contains(delivery.chat.id)) {
      return Set(report, delivery.parts[index], PartState::kFailed,
                 "the chat has refused another report in this run");
    }
    for (int attempt = 1;; ++attempt) {
      QueuedMessage& part = delivery.parts[index];
      ++part.attempts;
      if (absl::Status status = Set(report, part, PartState::kSending, part.detail); !status.ok()) {
        return status;
      }
      const SendResult result = Send(report, delivery, part, hung);
      if (result.outcome == Outcome::kDone) {
        part.message_id = result.message_id;
        KeepFileId(result, part, report);
        absl::Status status = Set(report, part, PartState::kSent, "");
        return status.ok() && HasAll(delivery) ? NoteRefusal(delivery.chat.id, "") : status;
      }
      const std::string before = delivery.chat.id;
      // A chat migrates at most once.
      const bool goes_round =
          result.outcome == Outcome::kChatMigrated && migrated_to_.contains(before);
      if (!goes_round && FallBack(result, report, delivery, index)) {
        if (absl::Status status = Adapted(result, report, before, delivery); !status.ok()) {
          return status;
        }
        attempt = 0;
        continue;
      }
      const bool is_over = hung || !ShouldRepeat(result, attempt);
      QueuedMessage& tried = delivery.parts[index];
      const PartState state = StateAfter(result, delivery);
      std::string detail = result.detail;
      if (result.outcome == Outcome::kChatRefused) {
        absl::StrAppend(&detail, "; check CHAT_ID and the rights of the bot there: cpuagg send ",
                        "--test greets the chat");
      } else if (state == PartState::kFailed) {
        absl::StrAppend(&detail, "; cpuagg send --test shows whether the chat takes a short text");
      }
      absl::Status status = Set(report, tried, state, std::move(detail));
      if (status.ok() && state == PartState::kFailed) {
        status = NoteRefusal(delivery.chat.id, result.detail);
      }
      if (!status.ok() || is_over) return status;
    }
  }

  // For `check`: once the report is removed, nothing else knows that a chat has refused it. An
  // empty reason: the chat has taken a report.
  absl::Status NoteRefusal(const std::string& chat_id, const std::string& reason) {
    if (reason.empty() && !state_.HasRefused(chat_id)) return absl::OkStatus();
    return ReloadState([&] { state_.SetRefusal(chat_id, options_.clock(), reason); });
  }

  absl::Status Set(QueuedReport& report, QueuedMessage& part, PartState state, std::string detail) {
    part.state = state;
    part.detail = std::move(detail);
    return outbox_.Save(report);
  }

  SendResult Send(const QueuedReport& report, const ChatQueue& delivery, const QueuedMessage& part,
                  bool& hung) {
    const absl::Duration timeout = std::clamp(ShareOfTime(), absl::Seconds(1), absl::Seconds(120));
    api_.SetTimeout(timeout);
    const absl::Duration begin = options_.stopwatch();
    SendResult result = SendQueuedMessage(api_, report, delivery, part);
    hung = result.outcome != Outcome::kDone && options_.stopwatch() - begin >= timeout * 0.9;
    return result;
  }

  // Reports the change, and remembers the new id of a migrated chat.
  absl::Status Adapted(const SendResult& result, const QueuedReport& report,
                       const std::string& chat_before, const ChatQueue& delivery) {
    if (result.outcome != Outcome::kChatMigrated) {
      summary_.problems.push_back(
          absl::StrCat(What(report, delivery),
                       "is not taken like this, so another way is tried: ", result.detail));
      return absl::OkStatus();
    }
    summary_.problems.push_back(absl::StrCat("chat ", chat_before, " has become ", delivery.chat.id,
                                             "; write that into CHAT_ID"));
    migrated_to_.insert(delivery.chat.id);
    return ReloadState([&] { state_.migrated_chats[chat_before] = delivery.chat.id; });
  }

  // Reads the state, which others may have changed, and changes it if `change` is not null.
  absl::Status ReloadState(const std::function<void()>& change = nullptr) {
    const absl::StatusOr<acct::FileLock> lock = outbox_.LockQueue(absl::Seconds(5));
    if (!lock.ok()) return lock.status();
    absl::StatusOr<LoadedState> loaded = outbox_.LoadStateOrSetAside();
    if (!loaded.ok()) return loaded.status();
    state_ = std::move(loaded->state);
    if (!loaded->problem.empty()) {
      summary_.problems.push_back(std::move(loaded->problem));
      summary_.has_damage = true;
    }
    if (!change) return absl::OkStatus();
    change();
    return outbox_.SaveState(state_);
  }

  bool ShouldRepeat(const SendResult& result, int attempt) {
    if (attempt >= MostAttempts(result.outcome, options_.guarantee)) return false;
    const absl::Duration left = std::min(wait_left_, ShareOfTime());
    const std::optional<absl::Duration> wait = WaitBeforeRetry(attempt, result.retry_after, left);
    if (!wait.has_value()) return false;
    wait_left_ -= *wait;
    options_.sleep(*wait);
    return true;
  }

  PartState StateAfter(const SendResult& result, const ChatQueue& delivery) {
    switch (result.outcome) {
      case Outcome::kBotRefused:
        summary_.bot_refused = true;
        return PartState::kPending;
      case Outcome::kNotSent:
        return PartState::kPending;
      case Outcome::kServerFailed:
      case Outcome::kUnconfirmed:
        return PartState::kUnconfirmed;
      case Outcome::kChatRefused:
        refused_chats_.insert(delivery.chat.id);
        return PartState::kFailed;
      default:
        return PartState::kFailed;
    }
  }

  static std::string What(const QueuedReport& report, const ChatQueue& delivery) {
    return absl::StrCat("report ", report.id, " to chat ", delivery.chat.text(), ": ");
  }

  // Counts a message that has been tried, and reports its state unless it was sent.
  void Tell(const QueuedReport& report, const ChatQueue& delivery, size_t index) {
    const QueuedMessage& part = delivery.parts[index];
    if (part.state == PartState::kSent) {
      ++summary_.sent;
      summary_.served_chats.insert(delivery.chat.id);
      return;
    }
    if (!IsOpen(part)) {
      ++summary_.failed;
    } else if (last_tries_.contains(report.id)) {
      return;  // GiveUp() reports it
    }
    std::string what = What(report, delivery);
    if (delivery.parts.size() > 1) {
      what.insert(what.size() - 2,
                  absl::StrCat(", message ", index + 1, "/", delivery.parts.size()));
    }
    absl::string_view outcome = "refused: ";
    if (part.state == PartState::kPending) outcome = "not sent, kept for the next run: ";
    if (part.state == PartState::kUnconfirmed) {
      outcome = IsOpen(part) ? "may not have arrived, and is sent again by the next run: "
                             : "may not have arrived, and is not sent again: ";
    }
    summary_.problems.push_back(absl::StrCat(what, outcome, part.detail));
  }

  // The same; and a message that is given up since it may have arrived is not reported again.
  absl::Status TellAndClose(QueuedReport& report, ChatQueue& delivery, size_t index) {
    Tell(report, delivery, index);
    QueuedMessage& part = delivery.parts[index];
    if (part.state != PartState::kUnconfirmed || IsOpen(part)) return absl::OkStatus();
    return Set(report, part, PartState::kFailed, part.detail);
  }

  const Outbox& outbox_;
  BotApi& api_;
  const DeliveryOptions& options_;
  absl::Duration wait_left_;
  absl::Duration deadline_;  // on the stopwatch
  int stops_left_ = 0;       // including the current one
  // The ids of expired reports, unless there was no time to try them once more.
  std::set<std::string> last_tries_;
  OutboxState state_;
  std::set<std::string> refused_chats_;
  std::set<std::string> hanging_chats_;
  std::set<std::string> migrated_to_;
  DeliverySummary summary_;
};

}  // namespace

absl::StatusOr<DeliverySummary> Deliver(const Outbox& outbox, BotApi& api,
                                        const DeliveryOptions& options) {
  Courier courier(outbox, api, options);
  if (absl::Status status = courier.DeliverAll(); !status.ok()) return status;
  return courier.TakeSummary();
}

}  // namespace cpuagg::notify
