#include "notify/delivery.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "notify/retry_policy.h"

namespace cpuagg::notify {
namespace {

class Courier {
 public:
  Courier(const Outbox& outbox, BotApi& api, const DeliveryOptions& options)
      : outbox_(outbox), api_(api), options_(options), wait_left_(options.wait_budget) {}

  absl::Status DeliverAll() {
    absl::StatusOr<std::vector<OutgoingReport>> reports = outbox_.LoadAll();
    if (!reports.ok()) return reports.status();
    for (OutgoingReport& report : *reports) {
      for (Delivery& delivery : report.deliveries) {
        if (!delivery.open()) continue;
        if (absl::Status status = DeliverOne(report, delivery); !status.ok()) return status;
      }
      const bool any_open = std::any_of(report.deliveries.begin(), report.deliveries.end(),
                                        [](const Delivery& delivery) { return delivery.open(); });
      if (any_open) continue;
      if (absl::Status status = outbox_.Remove(report); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  DeliverySummary TakeSummary() { return std::move(summary_); }

 private:
  absl::Status DeliverOne(OutgoingReport& report, Delivery& delivery) {
    if (summary_.bot_refused) {
      ++summary_.postponed;
      return absl::OkStatus();
    }
    for (int attempt = 1;; ++attempt) {
      delivery.state = DeliveryState::kSending;
      ++delivery.attempts;
      if (absl::Status status = outbox_.Save(report); !status.ok()) return status;
      const SendResult result = Send(report, delivery);
      Record(result, delivery);
      if (absl::Status status = outbox_.Save(report); !status.ok()) return status;
      if (result.outcome != SendOutcome::kNotSent) break;
      const std::optional<absl::Duration> wait =
          WaitBeforeRetry(attempt, result.retry_after, wait_left_);
      if (!wait.has_value()) break;
      wait_left_ -= *wait;
      options_.sleep(*wait);
    }
    Count(report, delivery);
    return absl::OkStatus();
  }

  SendResult Send(const OutgoingReport& report, const Delivery& delivery) {
    if (report.chart_png.empty()) return api_.SendMessage(delivery.chat, report.text_html);
    return report.as_document
               ? api_.SendDocument(delivery.chat, report.caption_html, report.chart_png)
               : api_.SendPhoto(delivery.chat, report.caption_html, report.chart_png);
  }

  void Record(const SendResult& result, Delivery& delivery) {
    delivery.detail = result.detail;
    switch (result.outcome) {
      case SendOutcome::kSent:
        delivery.state = DeliveryState::kSent;
        delivery.message_id = result.message_id;
        break;
      case SendOutcome::kBotRefused:
        summary_.bot_refused = true;
        [[fallthrough]];
      case SendOutcome::kNotSent:
        delivery.state = DeliveryState::kPending;
        break;
      case SendOutcome::kUnconfirmed:
        delivery.state = DeliveryState::kSending;
        break;
      case SendOutcome::kMessageRefused:
      case SendOutcome::kChatRefused:
        delivery.state = DeliveryState::kFailed;
        break;
    }
  }

  void Count(const OutgoingReport& report, const Delivery& delivery) {
    const std::string what =
        absl::StrCat("report ", report.id, " to chat ", delivery.chat.text(), ": ");
    switch (delivery.state) {
      case DeliveryState::kSent:
        ++summary_.sent;
        break;
      case DeliveryState::kPending:
        ++summary_.postponed;
        summary_.problems.push_back(
            absl::StrCat(what, "not sent, kept for the next run: ", delivery.detail));
        break;
      case DeliveryState::kSending:
        ++summary_.postponed;
        summary_.problems.push_back(absl::StrCat(
            what, "may not have arrived, and is sent again by the next run: ", delivery.detail));
        break;
      case DeliveryState::kFailed:
        ++summary_.failed;
        summary_.problems.push_back(absl::StrCat(what, "refused: ", delivery.detail));
        break;
    }
  }

  const Outbox& outbox_;
  BotApi& api_;
  const DeliveryOptions& options_;
  absl::Duration wait_left_;
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
