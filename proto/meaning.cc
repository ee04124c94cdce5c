#include <algorithm>
#include <charconv>
#include <chrono>

#include "proto/field_rule.h"
#include "proto/kind_meaning.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/text.h"

// CheckMeaning in three steps: every field by its rule, messages that stand in many records, then
// what each kind needs beyond that.
namespace chibo {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// More people than any unit has; sums of a form's counts stay within 32 bits.
constexpr std::uint32_t kCountMax = 10'000'000;
// HTXSNV, HTTNV, HTNV, KHTNV.
constexpr int kLevels = 4;

// ---- One field ----------------------------------------------------------------------------------

Status CheckText(std::string_view text, Lines lines, const FieldDescriptor& field) {
  return Require(IsPlainText(text, lines), "text_not_plain", field.name());
}

// The value is not empty.
Status CheckString(const FieldRule& rule, const std::string& value, const FieldDescriptor& field) {
  const auto sized = [&](std::size_t size) {
    return Require(value.size() == size, "field_wrong_size", field.name());
  };
  switch (rule.shape) {
    case Shape::kId:
      return sized(UnitId::kSize);
    case Shape::kHash:
      return sized(Hash::kSize);
    case Shape::kKeyId:
      return sized(8);
    case Shape::kRandom:
      return sized(16);
    case Shape::kSignature:
      return sized(Signature::kSize);
    case Shape::kPeriod:
      return Require(IsPeriod(value), "period_unreadable", field.name());
    case Shape::kName:
      CHIBO_TRY(Require(value.size() <= limits::kNameBytesMax, "name_too_long", field.name()));
      return CheckText(value, Lines::kOne, field);
    case Shape::kLine:
      return CheckText(value, Lines::kOne, field);
    case Shape::kText:
      return CheckText(value, Lines::kMany, field);
    case Shape::kAny:
    case Shape::kOpaque:
    case Shape::kDate:
      return {};
  }
  CHECK(false);
}

Status CheckScalar(const FieldRule* rule, const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const bool given = reflection.HasField(message, &field);
  if (!given) {
    return Require(rule == nullptr || !rule->required, "field_required", field.name());
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return rule == nullptr ? Status()
                             : CheckString(*rule, reflection.GetString(message, &field), field);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = reflection.GetEnumValue(message, &field);
      return Require(field.enum_type()->FindValueByNumber(number) != nullptr, "enum_unknown",
                     field.name());
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      return Require(rule == nullptr || rule->shape != Shape::kDate ||
                         IsDate(reflection.GetUInt32(message, &field)),
                     "date_does_not_exist", field.name());
    default:
      return {};
  }
}

Status CheckElement(const FieldRule* rule, const Message& message, const FieldDescriptor& field,
                    int index) {
  const Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    // An element says something: not given is no element.
    const int number = reflection.GetRepeatedEnumValue(message, &field, index);
    return Require(number != 0 && field.enum_type()->FindValueByNumber(number) != nullptr,
                   "enum_unknown", field.name());
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && rule != nullptr) {
    const std::string value = reflection.GetRepeatedString(message, &field, index);
    CHIBO_TRY(Require(!value.empty(), "field_required", field.name()));
    return CheckString(*rule, value, field);
  }
  return {};
}

// ---- Messages that stand in many records --------------------------------------------------------

Status MeansRef(const pb::Ref& ref) {
  // Entry 0 of a stream holds no records; without a stream, index 0 means this entry.
  CHIBO_TRY(Require(ref.stream().empty() || ref.index() > 0, "ref_to_genesis", "index"));
  return Require(ref.position() < limits::kEntryRecordsMax, "number_out_of_range", "position");
}

Status MeansPoint(const pb::Point& point) {
  return Require(point.size() == 0 || !point.root().empty(), "field_required", "root");
}

Status MeansKey(const pb::Key& key) {
  const bool known = key.algorithm() == 1 || key.algorithm() == 2;
  const std::uint32_t fitting = key.usage() == pb::SIGN ? 1 : 2;
  CHIBO_TRY(Require(!known || key.algorithm() == fitting, "key_algorithm_unfit", "algorithm"));
  return Require(!known || key.key().size() == 32, "field_wrong_size", "key");
}

Status MeansSig(const pb::Sig& sig) {
  return Require(sig.algorithm() != 1 || sig.signature().size() == Signature::kSize,
                 "field_wrong_size", "signature");
}

Status MeansVoteBase(const pb::VoteBase& base) {
  for (const std::uint32_t count :
       {base.official(), base.away(), base.exempt_absent(), base.suspended(), base.excused_absent(),
        base.eligible(), base.present()}) {
    CHIBO_TRY(Require(count <= kCountMax, "number_out_of_range", ""));
  }
  return {};
}

Status MeansTallyRow(const pb::TallyRow& row) {
  CHIBO_TRY(Require(row.votes_size() == kLevels, "votes_not_four", "votes"));
  for (const std::uint32_t count : {row.issued(), row.returned(), row.valid(), row.invalid(),
                                    row.votes(0), row.votes(1), row.votes(2), row.votes(3)}) {
    CHIBO_TRY(Require(count <= kCountMax, "number_out_of_range", ""));
  }
  return {};
}

template <typename T>
const T* As(const Message& message) {
  return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

Status CheckShared(const Message& message) {
  if (const auto* ref = As<pb::Ref>(message)) {
    return MeansRef(*ref);
  }
  if (const auto* point = As<pb::Point>(message)) {
    return MeansPoint(*point);
  }
  if (const auto* key = As<pb::Key>(message)) {
    return MeansKey(*key);
  }
  if (const auto* sig = As<pb::Sig>(message)) {
    return MeansSig(*sig);
  }
  if (const auto* base = As<pb::VoteBase>(message)) {
    return MeansVoteBase(*base);
  }
  if (const auto* row = As<pb::TallyRow>(message)) {
    return MeansTallyRow(*row);
  }
  return {};
}

// ---- The walk -----------------------------------------------------------------------------------

// Paths are put together on the way out of a failure: a record in order costs none.
Status Under(const std::string& name, Status status) {
  if (!status) {
    std::string& where = status.error().where;
    where = where.empty() ? name : name + "." + where;
  }
  return status;
}

Status CheckFields(const Message& message);

Status CheckRepeated(const FieldRule* rule, const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const int count = reflection.FieldSize(message, &field);
  CHIBO_TRY(
      Require(count > 0 || rule == nullptr || !rule->required, "field_required", field.name()));
  for (int i = 0; i < count; ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Status status = CheckFields(reflection.GetRepeatedMessage(message, &field, i));
      if (!status) {
        return Under(field.name() + "[" + std::to_string(i) + "]", std::move(status));
      }
    } else if (Status status = CheckElement(rule, message, field, i); !status) {
      status.error().where += "[" + std::to_string(i) + "]";
      return status;
    }
  }
  return {};
}

Status CheckFields(const Message& message) {
  const auto& descriptor = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    const FieldRule* rule = RuleOf(field);
    if (field.is_repeated()) {
      CHIBO_TRY(CheckRepeated(rule, message, field));
    } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
               !reflection.HasField(message, &field)) {
      CHIBO_TRY(CheckScalar(rule, message, field));
    } else {
      CHIBO_TRY(Under(field.name(), CheckFields(reflection.GetMessage(message, &field))));
    }
  }
  return CheckShared(message);
}

std::optional<int> Year(std::string_view text) {
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  const bool whole = text.size() == 4 && error == std::errc() && end == text.data() + text.size();
  return whole && year >= 1900 && year <= 2199 ? std::optional(year) : std::nullopt;
}

}  // namespace

Status Require(bool holds, std::string_view reason, std::string_view where) {
  return holds ? Status() : Fail(Code::kBadInput, reason, std::string(where));
}

bool IsDate(std::uint32_t date) {
  const std::uint32_t year = date / 10000;
  if (year < 1900 || year > 2199) {
    return false;
  }
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(year)),
                                     std::chrono::month(date / 100 % 100),
                                     std::chrono::day(date % 100))
      .ok();
}

bool IsPeriod(std::string_view period) {
  const auto year = Year(period.substr(0, 4));
  if (!year || period.size() == 4) {
    return year.has_value();
  }
  const std::string_view rest = period.substr(5);
  if (period[4] != '-') {
    return false;
  }
  if (rest.starts_with('Q')) {
    return rest.size() == 2 && rest[1] >= '1' && rest[1] <= '4';
  }
  const auto last = Year(rest);
  return last && *last > *year;
}

Status CheckMeaning(const pb::Record& record) {
  const KindTraits* traits = TraitsOf(static_cast<std::uint32_t>(record.body_case()));
  if (traits == nullptr) {
    return Fail(Code::kBadInput, "field_required", "body");
  }
  const Message& message = BodyOf(record);
  const std::string name(traits->name);
  if (traits->open && message.ByteSizeLong() > limits::kOpenRecordBytesMax) {
    return Fail(Code::kTooLarge, "record_too_large", name);
  }
  if (!traits->object.empty()) {
    const FieldDescriptor* body = message.GetDescriptor()->FindFieldByName("body");
    CHIBO_TRY(Require(message.GetReflection()->HasField(message, body), "field_required",
                      name + ".body"));
  }
  CHIBO_TRY(Under(name, CheckFields(message)));
  return Under(traits->object.empty() ? name : name + ".body", MeansByKind(record));
}

}  // namespace chibo
