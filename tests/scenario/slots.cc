#include "tests/scenario/slots.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "chibo/record.pb.h"
#include "domain/case.h"
#include "domain/fact.h"
#include "domain/outcome.h"
#include "node/typed_value.h"
#include "proto/kind.h"
#include "proto/record.h"

namespace chibo::scenario {
namespace {

using Tokens = std::span<const Token>;
using NameKind = Names::Kind;
using Choices = std::vector<std::pair<std::string, int>>;

std::string Lower(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

// The words of an enum, in lower case and without `prefix`; 0 is a word only with `zero`.
Choices WordsOfEnum(const google::protobuf::EnumDescriptor& type, std::string_view prefix,
                    bool zero) {
  Choices choices;
  for (int i = 0; i < type.value_count(); ++i) {
    std::string name = type.value(i)->name();
    if (name.starts_with(prefix)) {
      name = name.substr(prefix.size());
    }
    if (type.value(i)->number() != 0 || zero) {
      choices.emplace_back(Lower(name), type.value(i)->number());
    }
  }
  return choices;
}

Choices KindWords() {
  Choices choices;
  for (const KindTraits& traits : AllKinds()) {
    choices.emplace_back(traits.name, static_cast<int>(traits.kind));
  }
  return choices;
}

Choices SetAsideWords() {
  Choices choices;
  for (int i = 1; i <= static_cast<int>(SetAside::kSealBroken); ++i) {
    choices.emplace_back(Name(static_cast<SetAside>(i)), i);
  }
  return choices;
}

Choices CaseWords() {
  Choices choices;
  for (const auto& [word, number] : WordsOfEnum(*pb::CaseType_descriptor(), "CASE_", false)) {
    choices.emplace_back(Name(static_cast<pb::CaseType>(number)), number);
  }
  return choices;
}

const std::map<std::string_view, Choices>& AllChoices() {
  static const std::map<std::string_view, Choices> kAll = {
      {"grade",
       {{"excellent", pb::HTXSNV},
        {"good", pb::HTTNV},
        {"fulfilled", pb::HTNV},
        {"not_fulfilled", pb::KHTNV}}},
      {"unit-kind", WordsOfEnum(*pb::UnitKind_descriptor(), "", false)},
      {"status", WordsOfEnum(*pb::MemberStatus_descriptor(), "", true)},
      {"leave", WordsOfEnum(*pb::LeaveKind_descriptor(), "", false)},
      {"opinion", WordsOfEnum(*pb::OpinionFrom_descriptor(), "", false)},
      {"meeting-kind", WordsOfEnum(*pb::MeetingKind_descriptor(), "", false)},
      {"reason", WordsOfEnum(*pb::Reason_descriptor(), "REASON_", false)},
      {"standing", WordsOfEnum(*pb::ProposalStanding_descriptor(), "PROPOSAL_", true)},
      {"case", CaseWords()},
      {"case-state", {{"open", pb::CASE_OPEN}, {"closed", pb::CASE_CLOSED}}},
      {"set-aside", SetAsideWords()},
      {"kind", KindWords()},
      {"severity", {{"inform", 0}, {"warn", 1}, {"block", 2}}},
      {"table", {{"members", pb::MEMBER}, {"organisations", pb::ORGANISATION}}},
  };
  return kAll;
}

// grassroots-cell and grassroots_cell are one.
std::string WithUnderscores(std::string_view word) {
  std::string same(word);
  std::replace(same.begin(), same.end(), '-', '_');
  return same;
}

template <bool (*Fits)(const Token&)>
std::size_t TakeOne(Tokens tokens, const Names&) {
  return Fits(tokens.front()) ? 1 : 0;
}

template <NameKind K>
std::size_t TakeKnown(Tokens tokens, const Names& names) {
  return tokens.front().is_name() && names.Knows(K, tokens.front().text) ? 1 : 0;
}

template <NameKind K>
std::size_t TakeNew(Tokens tokens, const Names& names) {
  return tokens.front().is_name() && !tokens.front().text.empty() &&
                 !names.Knows(K, tokens.front().text)
             ? 1
             : 0;
}

// Codes of units are part of what is signed, and devices are called after them.
bool IsCode(const Token& token) {
  return token.kind == Token::Kind::kWord && token.text.size() <= 32 &&
         std::all_of(token.text.begin(), token.text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

std::size_t TakeNewUnit(Tokens tokens, const Names& names) {
  return IsCode(tokens.front()) ? TakeNew<NameKind::kUnit>(tokens, names) : 0;
}

bool IsText(const Token& token) { return token.kind == Token::Kind::kText && !token.text.empty(); }
bool IsJson(const Token& token) { return token.kind == Token::Kind::kJson; }
bool IsDateWord(const Token& token) {
  const auto date = token.kind == Token::Kind::kWord ? DateFrom(token.text) : std::nullopt;
  return date && IsDate(*date);
}
bool IsTimeWord(const Token& token) {
  return token.kind == Token::Kind::kWord && token.text.find(':') != std::string::npos &&
         TimeFrom("01/01/2020 " + token.text).has_value();
}
bool IsNumber(const Token& token) {
  return token.kind == Token::Kind::kWord && !token.text.empty() && token.text.size() <= 9 &&
         token.text.find_first_not_of("0123456789") == std::string::npos;
}
bool IsPeriodWord(const Token& token) {
  return token.kind == Token::Kind::kWord && IsPeriod(token.text);
}
bool IsRule(const Token& token) {
  return token.kind == Token::Kind::kWord && token.text.size() >= 2 && token.text[0] == 'R' &&
         token.text.find_first_not_of("0123456789", 1) == std::string::npos;
}
bool IsPlainWord(const Token& token) { return token.kind == Token::Kind::kWord; }

// A member or a unit; "committee of" a unit.
std::size_t TakeSubject(Tokens tokens, const Names& names) {
  if (tokens.front().is_word("committee") && tokens.size() > 2 && tokens[1].is_word("of")) {
    return TakeKnown<NameKind::kUnit>(tokens.subspan(2), names) == 1 ? 3 : 0;
  }
  return TakeKnown<NameKind::kMember>(tokens, names) == 1 ||
                 TakeKnown<NameKind::kUnit>(tokens, names) == 1
             ? 1
             : 0;
}

// register 5, graded 3, coverage 2/3
std::size_t TakeFigures(Tokens tokens, const Names&) {
  std::size_t taken = 0;
  while (tokens.size() > taken + 2 && IsPlainWord(tokens[taken]) &&
         IsPlainWord(tokens[taken + 1])) {
    taken += 2;
    if (!tokens[taken].is_sign(",")) {
      return taken;
    }
    ++taken;
  }
  return 0;
}

template <const char* Name>
std::size_t TakeChoice(Tokens tokens, const Names&) {
  return tokens.front().kind == Token::Kind::kWord && NumberOf(Name, tokens.front().text) ? 1 : 0;
}

template <const char* Name>
std::string AllowChoice(const Names&) {
  std::string all;
  for (const auto& [word, number] : AllChoices().at(Name)) {
    all += (all.empty() ? "" : " | ") + word;
  }
  return all;
}

template <NameKind K>
std::string AllowKnown(const Names& names) {
  static constexpr std::string_view kWhat[] = {"a unit", "a device", "a member", "a record's name",
                                               "the name of a kept copy"};
  std::string what(kWhat[static_cast<std::size_t>(K)]);
  return what.append(" (").append(names.Some(K)).append(")");
}

std::string AllowSubject(const Names& names) {
  return AllowKnown<NameKind::kMember>(names) + ", " + AllowKnown<NameKind::kUnit>(names) +
         ", committee of a unit";
}

template <const char* What>
std::string Say(const Names&) {
  return What;
}

constexpr char kGrade[] = "grade";
constexpr char kUnitKind[] = "unit-kind";
constexpr char kStatus[] = "status";
constexpr char kLeave[] = "leave";
constexpr char kOpinion[] = "opinion";
constexpr char kMeetingKind[] = "meeting-kind";
constexpr char kReason[] = "reason";
constexpr char kStanding[] = "standing";
constexpr char kCase[] = "case";
constexpr char kCaseState[] = "case-state";
constexpr char kSetAside[] = "set-aside";
constexpr char kKind[] = "kind";
constexpr char kSeverity[] = "severity";
constexpr char kTable[] = "table";

constexpr char kSayText[] = "a text in quotation marks";
constexpr char kSayJson[] = "{ … }";
constexpr char kSayDate[] = "a date (31/12/2024)";
constexpr char kSayTime[] = "a time of day (15:00)";
constexpr char kSayNumber[] = "a number";
constexpr char kSayPeriod[] = "a period (2024, 2024-Q2, 2020-2025)";
constexpr char kSayRule[] = "a rule's number (R40)";
constexpr char kSayFigures[] = "figures (graded 3, pending 1, …)";
constexpr char kSayCode[] = "a code that is not in use (a to z, digits, hyphens)";
constexpr char kSayNew[] = "a name that is not in use";

template <const char* Name>
constexpr Slot ChoiceSlot() {
  return {Name, TakeChoice<Name>, AllowChoice<Name>};
}

const std::vector<Slot>& Table() {
  static const std::vector<Slot> kSlots = {
      {"unit", TakeKnown<NameKind::kUnit>, AllowKnown<NameKind::kUnit>},
      {"device", TakeKnown<NameKind::kDevice>, AllowKnown<NameKind::kDevice>},
      {"member", TakeKnown<NameKind::kMember>, AllowKnown<NameKind::kMember>},
      {"subject", TakeSubject, AllowSubject},
      {"record", TakeKnown<NameKind::kRecord>, AllowKnown<NameKind::kRecord>},
      {"copy", TakeKnown<NameKind::kCopy>, AllowKnown<NameKind::kCopy>},
      {"new-unit", TakeNewUnit, Say<kSayCode>, {NameKind::kUnit, NameKind::kDevice}},
      {"new-collective", TakeNewUnit, Say<kSayCode>, {NameKind::kUnit}},
      {"new-device", TakeNew<NameKind::kDevice>, Say<kSayNew>, {NameKind::kDevice}},
      {"new-member", TakeNew<NameKind::kMember>, Say<kSayNew>, {NameKind::kMember}},
      {"new-record", TakeNew<NameKind::kRecord>, Say<kSayNew>, {NameKind::kRecord}},
      {"new-copy", TakeNew<NameKind::kCopy>, Say<kSayNew>, {NameKind::kCopy}},
      {"text", TakeOne<IsText>, Say<kSayText>},
      {"json", TakeOne<IsJson>, Say<kSayJson>},
      {"date", TakeOne<IsDateWord>, Say<kSayDate>},
      {"time", TakeOne<IsTimeWord>, Say<kSayTime>},
      {"number", TakeOne<IsNumber>, Say<kSayNumber>},
      {"period", TakeOne<IsPeriodWord>, Say<kSayPeriod>},
      {"rule", TakeOne<IsRule>, Say<kSayRule>},
      {"figures", TakeFigures, Say<kSayFigures>},
      ChoiceSlot<kGrade>(),
      ChoiceSlot<kUnitKind>(),
      ChoiceSlot<kStatus>(),
      ChoiceSlot<kLeave>(),
      ChoiceSlot<kOpinion>(),
      ChoiceSlot<kMeetingKind>(),
      ChoiceSlot<kReason>(),
      ChoiceSlot<kStanding>(),
      ChoiceSlot<kCase>(),
      ChoiceSlot<kCaseState>(),
      ChoiceSlot<kSetAside>(),
      ChoiceSlot<kKind>(),
      ChoiceSlot<kSeverity>(),
      ChoiceSlot<kTable>(),
  };
  return kSlots;
}

}  // namespace

std::string Names::Some(Kind kind) const {
  constexpr std::size_t kShown = 8;
  const auto at = known_.find(kind);
  if (at == known_.end() || at->second.empty()) {
    return "none so far";
  }
  std::string some;
  std::size_t count = 0;
  for (const std::string& name : at->second) {
    if (++count > kShown) {
      return some + ", …";
    }
    some += (some.empty() ? "" : ", ") + name;
  }
  return some;
}

std::span<const Slot> AllSlots() { return Table(); }

const Slot& SlotNamed(std::string_view name) {
  const auto found = std::find_if(Table().begin(), Table().end(),
                                  [&](const Slot& slot) { return slot.name == name; });
  CHECK(found != Table().end());
  return *found;
}

std::optional<int> NumberOf(std::string_view slot, std::string_view word) {
  for (const auto& [one, number] : AllChoices().at(slot)) {
    if (one == WithUnderscores(word)) {
      return number;
    }
  }
  return std::nullopt;
}

std::string WordFor(std::string_view slot, int number) {
  for (const auto& [one, of] : AllChoices().at(slot)) {
    if (of == number) {
      return one;
    }
  }
  return "none";
}

}  // namespace chibo::scenario
