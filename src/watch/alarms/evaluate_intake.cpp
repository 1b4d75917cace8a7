// What people outside told us, and who answers them.
#include "watch/alarms/found.hpp"

namespace tutela::alarms {

namespace {

constexpr std::int64_t kUnsortedMs = 60'000;

std::string notices(std::int64_t count) {
  return count == 1 ? "1 notice" : std::to_string(count) + " notices";
}

void find_in_queues(const IntakeState& intake, Found& found) {
  for (const IntakeQueueState& queue : intake.queues) {
    // What is overdue is not due soon any more.
    if (const std::int64_t soon = queue.due_soon - queue.overdue; soon > 0) {
      found.degraded(
          "intake.due_soon", queue.queue, notices(soon) + " must be answered before long");
    }
  }
  for (const IntakeQueueState& queue : intake.queues) {
    if (queue.overdue > 0) {
      found.degraded("intake.overdue",
                     queue.queue,
                     notices(queue.overdue) + " should have been answered by now");
    }
  }
}

}  // namespace

void find_in_intake(const Observations& seen, Found& found) {
  const IntakeState& intake = seen.intake;
  if (!intake.on) {
    return;
  }
  if (intake.imminent_unseen > 0) {
    found.degraded("intake.imminent",
                   "",
                   notices(intake.imminent_unseen) +
                       " of somebody who may be in danger, and nobody has looked yet");
  }
  find_in_queues(intake, found);
  if (intake.unsorted_oldest_ms > kUnsortedMs) {
    found.degraded("intake.unsorted",
                   "",
                   "a notice has waited for its place for " + duration(intake.unsorted_oldest_ms));
  }
  if (intake.capacity_known && !intake.capacity_enough) {
    found.degraded(
        "intake.capacity", "", "the people on shift cannot keep the promises at the present rate");
  }
  if (intake.detection_unanswered > 0) {
    found.degraded(
        "intake.detection", "", notices(intake.detection_unanswered) + " that detection looks off");
  }
  if (intake.flood_sources > 0) {
    found.degraded(
        "intake.flood",
        "",
        "sources that sent masses within the last hour: " + std::to_string(intake.flood_sources));
  }
  if (intake.mail_failing) {
    found.degraded("intake.mail", "", "the mailbox of reports, or a message in it, cannot be read");
  }
  if (intake.people_untold > 0) {
    found.degraded("intake.mail",
                   "people",
                   "people on duty cannot be told of promises near their end; waiting: " +
                       std::to_string(intake.people_untold));
  }
  for (const IntakeQueueState& queue : intake.queues) {
    if (queue.no_duty) {
      found.degraded("intake.no_duty", queue.queue, "nobody who is there answers this queue");
    }
  }
  if (intake.partners_stale > 0) {
    found.degraded("partner.stale",
                   "",
                   "partners whose contact is to be confirmed again: " +
                       std::to_string(intake.partners_stale));
  }
}

}  // namespace tutela::alarms
