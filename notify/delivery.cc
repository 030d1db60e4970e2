#include "notify/delivery.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "notify/adaptation.h"
#include "notify/html_text.h"
#include "notify/retry_policy.h"

namespace cpuagg::notify {
namespace {

class Courier {
 public:
  Courier(const Outbox& outbox, BotApi& api, const DeliveryOptions& options)
      : outbox_(outbox),
        api_(api),
        options_(options),
        wait_left_(options.wait_budget),
        deadline_(options.stopwatch() + options.run_budget) {}

  absl::Status DeliverAll() {
    absl::StatusOr<OutboxMemory> memory = outbox_.Remember();
    if (!memory.ok()) return memory.status();
    memory_ = *std::move(memory);
    absl::StatusOr<OutboxListing> listing = outbox_.ListAndSetAside();
    if (!listing.ok()) return listing.status();
    for (std::string& problem : listing->damaged) summary_.problems.push_back(std::move(problem));
    summary_.has_damage = !listing->damaged.empty();
    for (OutgoingReport& report : listing->reports) {
      if (absl::Status status = DeliverReport(report); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  DeliverySummary TakeSummary() { return std::move(summary_); }

 private:
  bool IsOpen(const Part& part) const {
    switch (part.state) {
      case PartState::kPending:
      case PartState::kSending:
        return true;
      case PartState::kUnconfirmed:
        return options_.guarantee == Guarantee::kAtLeastOnce;
      default:
        return false;
    }
  }
  bool HasOpen(const Delivery& delivery) const {
    return std::any_of(delivery.parts.begin(), delivery.parts.end(),
                       [this](const Part& part) { return IsOpen(part); });
  }
  bool HasOpen(const OutgoingReport& report) const {
    return std::any_of(report.deliveries.begin(), report.deliveries.end(),
                       [this](const Delivery& delivery) { return HasOpen(delivery); });
  }

  absl::Duration TimeLeft() const { return deadline_ - options_.stopwatch(); }

  absl::Status DeliverReport(OutgoingReport& report) {
    // The clock is no proof of age: it may have been wrong when the report was queued, and the
    // machine may have been off since. So a report that has expired is tried once more, and if it
    // is from the future, its way begins now.
    const absl::Time now = options_.clock();
    if (report.created_at > now) {
      report.created_at = now;
      report.expires_at = now + options_.lifetime;
    }
    is_last_try_ = now >= report.expires_at && TimeLeft() > absl::ZeroDuration();
    if (absl::Status status = DeliverToAll(report); !status.ok()) return status;
    if (is_last_try_ && HasOpen(report)) {
      is_last_try_ = false;
      GiveUp(report);
      if (absl::Status status = outbox_.Save(report); !status.ok()) return status;
      if (absl::Status status = DeliverToAll(report); !status.ok()) return status;
    }
    return HasOpen(report) ? absl::OkStatus() : outbox_.Remove(report);
  }

  absl::Status DeliverToAll(OutgoingReport& report) {
    for (Delivery& delivery : report.deliveries) {
      delivery.chat.id = memory_.ChatNow(delivery.chat.id);
      if (absl::Status status = DeliverTo(report, delivery); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Makes of an expired report a notice to the chats that have not all of it.
  void GiveUp(OutgoingReport& report) {
    std::vector<Delivery> notices;
    for (Delivery& delivery : report.deliveries) {
      if (!HasOpen(delivery)) continue;
      std::string why;
      for (const Part& part : delivery.parts) {
        if (!IsOpen(part)) continue;
        ++summary_.failed;
        why = part.detail;
      }
      summary_.problems.push_back(absl::StrCat(What(report, delivery), "expired, and is given up",
                                               why.empty() ? "" : ": ", why));
      const std::string notice = absl::StrCat("⚠ ", report.subject, ": report ", report.id,
                                              " could not be delivered in time and is lost");
      notices.push_back({.chat = delivery.chat, .parts = {{.html = EscapeHtml(notice)}}});
    }
    // Of a notice there is none.
    if (report.is_notice) notices.clear();
    report.deliveries = std::move(notices);
    report.files.clear();
    report.is_notice = true;
    report.created_at = options_.clock();
    report.expires_at = report.created_at + options_.lifetime;
  }

  // The messages to one chat, in their order.
  absl::Status DeliverTo(OutgoingReport& report, Delivery& delivery) {
    bool waits = false;  // for one before, whose place nothing takes
    for (size_t i = 0; i < delivery.parts.size(); ++i) {
      if (!IsOpen(delivery.parts[i])) continue;
      if (waits || summary_.bot_refused || TimeLeft() <= absl::ZeroDuration()) {
        // If it is the last try, GiveUp() counts it.
        if (!is_last_try_) ++summary_.postponed;
        continue;
      }
      if (absl::Status status = DeliverPart(report, delivery, i); !status.ok()) return status;
      // The part may have others behind it now, or be another one; the index still holds.
      Count(report, delivery, i);
      waits = delivery.parts[i].state == PartState::kPending;
    }
    return absl::OkStatus();
  }

  absl::Status DeliverPart(OutgoingReport& report, Delivery& delivery, size_t index) {
    if (delivery.parts[index].state == PartState::kSending &&
        options_.guarantee == Guarantee::kAtMostOnce) {
      // A run was killed here.
      return Set(report, delivery.parts[index], PartState::kUnconfirmed,
                 "the run that sent it was killed");
    }
    if (refused_chats_.contains(delivery.chat.id)) {
      return Set(report, delivery.parts[index], PartState::kFailed,
                 "the chat has refused the report before");
    }
    for (int attempt = 1;; ++attempt) {
      Part& part = delivery.parts[index];
      ++part.attempts;
      if (absl::Status status = Set(report, part, PartState::kSending, part.detail); !status.ok()) {
        return status;
      }
      const SendResult result = Send(report, delivery, part);
      if (result.outcome == Outcome::kDone) {
        part.message_id = result.message_id;
        RememberFile(result, report, part);
        return Set(report, part, PartState::kSent, "");
      }
      const std::string before = delivery.chat.id;
      // Who has migrated does not do it again.
      const bool goes_round =
          result.outcome == Outcome::kChatMigrated && migrated_to_.contains(before);
      if (!goes_round && Adapt(result, report, delivery, index)) {
        if (absl::Status status = Adapted(result, report, before, delivery); !status.ok()) {
          return status;
        }
        attempt = 0;
        continue;
      }
      const bool is_over = !ShouldRepeat(result, attempt);
      Part& tried = delivery.parts[index];
      if (absl::Status status = Set(report, tried, StateAfter(result, delivery), result.detail);
          !status.ok() || is_over) {
        return status;
      }
    }
  }

  absl::Status Set(OutgoingReport& report, Part& part, PartState state, std::string detail) {
    part.state = state;
    part.detail = std::move(detail);
    return outbox_.Save(report);
  }

  SendResult Send(const OutgoingReport& report, const Delivery& delivery, const Part& part) {
    api_.SetTimeout(std::clamp(TimeLeft(), absl::Seconds(1), absl::Seconds(120)));
    const MessageText text = {.html = part.html,
                              .is_plain = part.is_plain,
                              .is_silent = part.is_silent,
                              .reply_to = part.is_reply ? FirstMessage(delivery) : 0};
    if (part.form == PartForm::kText) return api_.SendMessage(delivery.chat, text);
    const OutgoingFile& file = report.files[part.file];
    FileToSend to_send = {
        .name = file.name, .content_type = file.content_type, .content = file.content};
    if (part.form == PartForm::kPhoto) {
      to_send.file_id = file.photo_id;
      return api_.SendPhoto(delivery.chat, text, to_send);
    }
    to_send.file_id = file.document_id;
    return api_.SendDocument(delivery.chat, text, to_send);
  }

  static int64_t FirstMessage(const Delivery& delivery) {
    for (const Part& part : delivery.parts) {
      if (part.state == PartState::kSent) return part.message_id;
    }
    return 0;
  }

  static void RememberFile(const SendResult& result, OutgoingReport& report, const Part& part) {
    if (part.form == PartForm::kPhoto) report.files[part.file].photo_id = result.file_id;
    if (part.form == PartForm::kDocument) report.files[part.file].document_id = result.file_id;
  }

  // Says what has been changed, and remembers where a chat has gone.
  absl::Status Adapted(const SendResult& result, const OutgoingReport& report,
                       const std::string& chat_before, const Delivery& delivery) {
    if (result.outcome != Outcome::kChatMigrated) {
      summary_.problems.push_back(
          absl::StrCat(What(report, delivery), "sent in another way: ", result.detail));
      return absl::OkStatus();
    }
    summary_.problems.push_back(absl::StrCat("chat ", chat_before, " has become ", delivery.chat.id,
                                             "; write that into CHAT_ID"));
    const absl::StatusOr<aggregate::StoreLock> lock = outbox_.LockQueue(absl::Seconds(5));
    if (!lock.ok()) return lock.status();
    absl::StatusOr<OutboxMemory> memory = outbox_.Remember();
    if (!memory.ok()) return memory.status();
    memory->migrated_chats[chat_before] = delivery.chat.id;
    memory_ = *memory;
    migrated_to_.insert(delivery.chat.id);
    return outbox_.SaveMemory(*memory);
  }

  // In one run. Each repetition of what may have been done can show up in the chat.
  int MostAttempts(Outcome outcome) const {
    constexpr int kNothingArrived = 4;
    constexpr int kPerhapsDone = 2;
    if (outcome == Outcome::kNotSent) return kNothingArrived;
    const bool repeats =
        outcome == Outcome::kServerFailed && options_.guarantee == Guarantee::kAtLeastOnce;
    return repeats ? kPerhapsDone : 1;
  }

  bool ShouldRepeat(const SendResult& result, int attempt) {
    if (attempt >= MostAttempts(result.outcome)) return false;
    const absl::Duration left = std::min(wait_left_, TimeLeft());
    const std::optional<absl::Duration> wait = WaitBeforeRetry(attempt, result.retry_after, left);
    if (!wait.has_value()) return false;
    wait_left_ -= *wait;
    options_.sleep(*wait);
    return true;
  }

  PartState StateAfter(const SendResult& result, const Delivery& delivery) {
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

  static std::string What(const OutgoingReport& report, const Delivery& delivery) {
    return absl::StrCat("report ", report.id, " to chat ", delivery.chat.text(), ": ");
  }

  void Count(const OutgoingReport& report, const Delivery& delivery, size_t index) {
    const Part& part = delivery.parts[index];
    // GiveUp() counts it and says why.
    if (is_last_try_ && IsOpen(part)) return;
    std::string what = What(report, delivery);
    if (delivery.parts.size() > 1) {
      what.insert(what.size() - 2,
                  absl::StrCat(", message ", index + 1, "/", delivery.parts.size()));
    }
    switch (part.state) {
      case PartState::kSent:
        ++summary_.sent;
        return;
      case PartState::kPending:
        ++summary_.postponed;
        absl::StrAppend(&what, "not sent, kept for the next run: ");
        break;
      case PartState::kFailed:
        ++summary_.failed;
        absl::StrAppend(&what, "refused: ");
        break;
      default:
        ++(IsOpen(part) ? summary_.postponed : summary_.failed);
        absl::StrAppend(&what, IsOpen(part)
                                   ? "may not have arrived, and is sent again by the next run: "
                                   : "may not have arrived, and is not sent again: ");
        break;
    }
    summary_.problems.push_back(absl::StrCat(what, part.detail));
  }

  const Outbox& outbox_;
  BotApi& api_;
  const DeliveryOptions& options_;
  absl::Duration wait_left_;
  absl::Duration deadline_;   // by the stopwatch
  bool is_last_try_ = false;  // of the report that is being delivered
  OutboxMemory memory_;
  std::set<std::string> refused_chats_;
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
