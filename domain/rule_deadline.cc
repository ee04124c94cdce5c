#include "domain/rule_deadline.h"

#include <algorithm>
#include <charconv>

#include "domain/evaluation.h"
#include "domain/finding_value.h"

namespace chibo {
namespace {

std::optional<unsigned> Number(std::string_view text, std::size_t from, std::size_t size) {
  if (text.size() < from + size) {
    return std::nullopt;
  }
  unsigned value = 0;
  const char* end = text.data() + from + size;
  const auto [stop, error] = std::from_chars(text.data() + from, end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

}  // namespace

CivilDate AbsentDeadline(const EffectivePack& pack, std::string_view period) {
  const std::string& word = pack.Word(parameter::kAbsentDeadline);  // mm-dd
  const auto month = Number(word, 0, 2);
  const auto day = Number(word, 3, 2);
  const auto days = DaysOf(period);
  return month && day && days ? YearOf(days->last) * 10000 + *month * 100 + *day : 0;
}

std::optional<Timestamp> ReportDeadline(const EffectivePack& pack) {
  const std::string& word = pack.Word(parameter::kReportDeadline);  // yyyy-mm-ddThh:mm
  const auto year = Number(word, 0, 4);
  const auto month = Number(word, 5, 2);
  const auto day = Number(word, 8, 2);
  const auto hour = Number(word, 11, 2);
  const auto minute = Number(word, 14, 2);
  if (!year || !month || !day || !hour || !minute) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day));
  if (!date.ok()) {
    return std::nullopt;
  }
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) - std::chrono::hours(7);
}

std::optional<Finding> CheckReported(const EffectivePack& pack, const UnitId& place,
                                     Timestamp recorded, std::optional<Timestamp> received) {
  const auto deadline = ReportDeadline(pack);
  if (!deadline || (received && *received <= *deadline)) {
    return std::nullopt;
  }
  const auto value = [](Timestamp time) {
    return "time:" + std::to_string(time.time_since_epoch().count());
  };
  Finding finding;
  finding.rule = "R95";
  finding.severity = Severity::kInform;
  finding.message = received ? "finding_received_after_deadline" : "finding_not_received";
  finding.verified = pack.Verified(parameter::kReportDeadline);
  finding.values = {ValueOf(place), value(*deadline), value(recorded)};
  if (received) {
    finding.values.push_back(value(*received));
  }
  return finding;
}

ReceivedTimes::ReceivedTimes(const Organisation& organisation, const std::vector<Fact>& registers)
    : organisation_(organisation) {
  for (const Fact& fact : registers) {
    if (!fact.counts() || !fact.record->has_register_()) {
      continue;
    }
    const pb::Register& entry = fact.record->register_();
    for (const pb::Point& point : entry.received()) {
      if (const auto stream = StreamId::From(point.stream())) {
        receipts_[*stream].push_back(
            {fact.unit, point.size(), Timestamp(Duration(entry.time_ms()))});
      }
    }
  }
}

std::optional<Timestamp> ReceivedTimes::Of(const Fact& fact) const {
  const auto receipts = receipts_.find(fact.name.stream);
  std::optional<Timestamp> first;
  if (receipts == receipts_.end()) {
    return first;
  }
  for (const Receipt& receipt : receipts->second) {
    const bool from_above =
        receipt.by != fact.unit && organisation_.IsAtOrAbove(receipt.by, fact.unit);
    if (from_above && receipt.size > fact.name.index) {
      first = std::min(first.value_or(receipt.time), receipt.time);
    }
  }
  return first;
}

}  // namespace chibo
