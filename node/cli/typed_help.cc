#include "node/cli/typed_help.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "chibo/record.pb.h"
#include "proto/field_rule.h"

namespace chibo {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::size_t kNameColumn = 26;

struct Example {
  std::string_view kind;
  std::string_view directory;
  std::string_view words;
};

// Written as one year of a cell and its committee, so that each can be done after those before.
constexpr std::array kExamples = {
    Example{"unit", "XA01",
            "unit=@new code=xa01-cb09 \"name=Chi bộ thôn 9\" kind=CELL \\\n"
            "    parent=@unit:xa01 effective=01/02/2019"},
    Example{"unit_change", "XA01",
            "kind=RENAME from=@unit:xa01-cb09 \\\n"
            "    \"name=Chi bộ thôn Đông\" effective=01/03/2019 decision_no=12-QĐ/ĐU"},
    Example{"revocation", "XA01",
            "certificate=@hex:CERTIFICATE \"reason=Máy đã mất\" \\\n"
            "    'kept={\"stream\": \"@hex:STREAM\", \"size\": SIZE, \"root\": \"@hex:ROOT\"}'"},
    Example{"adoption", "XA01",
            "stream=@hex:STREAM from=FROM to=SIZE root=@hex:ROOT \\\n"
            "    \"reason=Ghi trước khi mất máy\""},
    Example{"fork_ruling", "XA01",
            "stream=@hex:STREAM chosen.stream=@hex:STREAM \\\n"
            "    chosen.size=SIZE chosen.root=@hex:ROOT \"reason=Theo sổ tay của bí thư\""},
    Example{"member", "CELL",
            "person=@new \"name=Hà Văn Nam\" birth=12/05/1990 \\\n"
            "    admitted=03/02/2015 official=03/02/2016 status=OFFICIAL"},
    Example{"membership", "CELL",
            "\"person=@person:Hà Văn Nam|12/05/1990\" \\\n"
            "    unit=@unit:xa01-cb03 kind=HOME from=01/01/2019"},
    Example{
        "transfer", "CELL",
        "\"person=@person:Hà Văn Nam|12/05/1990\" kind=PERMANENT \\\n"
        "    from=@unit:xa01-cb03 to=@unit:xa01-cb04 effective=01/06/2019 letter_no=12-GTSH \\\n"
        "    \"name=Hà Văn Nam\" birth=12/05/1990"},
    Example{"posting", "XA01",
            "\"person=@person:Lê Thị Mai|09/01/1976\" place=@unit:xa01 \\\n"
            "    \"title=Phó bí thư đảng ủy\" leadership=true from=01/01/2018 "
            "managed_by=@unit:xa01 \\\n"
            "    \"name=Lê Thị Mai\" birth=09/01/1976 home=@unit:xa01-cb03"},
    Example{"leave", "CELL",
            "\"person=@person:Lê Thị Mai|09/01/1976\" kind=SICK from=01/03/2019 \\\n"
            "    to=15/04/2019"},
    Example{"civil_servant_grade", "CELL",
            "\"person=@person:Lê Thị Mai|09/01/1976\" \\\n"
            "    period=2019 grade=HTTNV \"agency=Ủy ban nhân dân xã\" document_no=15/TB-UBND"},
    Example{"meeting", "CELL",
            "kinds=REGULAR kinds=REVIEW period=2019 \\\n"
            "    \"start_ms=05/12/2019 19:30\" \"topics=Kiểm điểm cuối năm 2019\" \\\n"
            "    \"chair=@person:Lê Thị Mai|09/01/1976\" --label nov"},
    Example{"minutes", "CELL",
            "meeting=@record:nov \"text=Chi bộ nghe kiểm điểm và bỏ phiếu.\" \\\n"
            "    'items={\"title\": \"Kiểm điểm\", \"conclusion\": \"Nhất trí\"}'"},
    Example{"review_report", "CELL",
            "subject.kind=MEMBER \\\n"
            "    \"subject.id=@person:Lê Thị Mai|09/01/1976\" period=2019 form=2A \\\n"
            "    \"strengths=Gương mẫu, trách nhiệm\" self_grade=HTTNV signed=01/12/2019"},
    Example{"opinion", "CELL",
            "about.kind=MEMBER \"about.id=@person:Lê Thị Mai|09/01/1976\" \\\n"
            "    period=2019 from=RESIDENCE \"from_outside=Chi ủy thôn 3\" \\\n"
            "    \"text=Chấp hành tốt nghĩa vụ nơi cư trú\" received=20/11/2019"},
    Example{"vote_session", "CELL",
            "meeting=@record:nov method=SECRET_BALLOT period=2019 \\\n"
            "    'subjects={\"kind\": \"MEMBER\", \"id\": \"@person:Lê Thị Mai|09/01/1976\"}' \\\n"
            "    base.official=3 base.eligible=3 base.present=3 \\\n"
            "    \"chair=@person:Lê Thị Mai|09/01/1976\" --label votes"},
    Example{"tally", "CELL",
            "session=@record:votes 'rows={\"subject\": {\"kind\": \"MEMBER\", \\\n"
            "    \"id\": \"@person:Lê Thị Mai|09/01/1976\"}, \"issued\": 3, \"returned\": 3, "
            "\"valid\": "
            "3, \\\n"
            "    \"votes\": [0, 3, 0, 0]}' --label tally"},
    Example{"tally_correction", "CELL",
            "tally=@record:tally \"reason=Kiểm lại phiếu\" \\\n"
            "    'rows={\"subject\": {\"kind\": \"MEMBER\", \"id\": \"@person:Lê Thị "
            "Mai|09/01/1976\"}, \\\n"
            "    \"issued\": 3, \"returned\": 3, \"valid\": 3, \"votes\": [1, 2, 0, 0]}'"},
    Example{"proposal", "CELL",
            "subject.kind=MEMBER \"subject.id=@person:Lê Thị Mai|09/01/1976\" \\\n"
            "    period=2019 grade=HTTNV basis=@record:tally"},
    Example{"decision", "XA01",
            "authority=@unit:xa01 number=30-QĐ/ĐU date=20/12/2019 \\\n"
            "    period=2019 'rows={\"subject\": {\"kind\": \"MEMBER\", \\\n"
            "    \"id\": \"@person:Lê Thị Mai|09/01/1976\"}, \"grade\": \"HTTNV\", \\\n"
            "    \"weighed\": [\"@STREAM/INDEX/POSITION\"]}'"},
    Example{"confirmation", "XA01",
            "decision=@hex:DIGEST subject.kind=MEMBER \\\n"
            "    \"subject.id=@person:Lê Thị Mai|09/01/1976\" period=2019 \\\n"
            "    weighed=@STREAM/INDEX/POSITION \"reason=Ý kiến đến sau không làm khác đi\" \\\n"
            "    date=05/01/2020"},
    Example{"cancellation", "XA01",
            "decision=@hex:DIGEST \"reason=Hồ sơ không trung thực\" \\\n"
            "    date=10/01/2020"},
    Example{"regrade_order", "XA01",
            "'subjects={\"kind\": \"MEMBER\", \\\n"
            "    \"id\": \"@person:Lê Thị Mai|09/01/1976\"}' period=2019 \"reason=Vượt tỷ lệ\" \\\n"
            "    date=10/01/2020"},
    Example{"duplicate_choice", "CELL",
            "\"persons=@person:Lê Thị Mai|09/01/1976\" \\\n"
            "    \"persons=@person:Lê Thị Mai|01/09/1976\" \"reason=Một người, ghi hai lần\""},
    Example{"return", "XA01",
            "records=@STREAM/INDEX/POSITION \"reason=Thiếu biên bản kiểm phiếu\" \\\n"
            "    date=15/12/2019"},
    Example{"waiver", "XA01",
            "rule=R51 subject.kind=MEMBER \\\n"
            "    \"subject.id=@person:Lê Thị Mai|09/01/1976\" period=2019 \\\n"
            "    \"reason=Theo kết luận của ban thường vụ\" date=15/12/2019"},
    Example{"rule_pack", "XA01",
            "id=P2019 \"name=Hướng dẫn năm 2019\" periods=2019 \\\n"
            "    'parameters={\"name\": \"excellent_cap_percent\", \"value\": \"20\", \\\n"
            "    \"source\": \"Hướng dẫn của đảng ủy\"}'"},
    Example{"peer_group", "XA01",
            "id=cb-thon \"name=Các chi bộ thôn\" period=2019 owner=@unit:xa01 \\\n"
            "    'subjects={\"kind\": \"ORGANISATION\", \"id\": \"@unit:xa01-cb03\"}'"},
};

std::string CommandOf(std::string_view kind) {
  std::string name(kind);
  std::replace(name.begin(), name.end(), '_', '-');
  return "write " + name;
}

std::string EnumChoices(const google::protobuf::EnumDescriptor& type) {
  std::string choices;
  for (int i = 0; i < type.value_count(); ++i) {
    if (!type.value(i)->name().ends_with("_NONE")) {
      choices += (choices.empty() ? "" : " | ") + type.value(i)->name();
    }
  }
  return choices;
}

// "{subject, issued, returned}": what a part in braces is made of.
std::string Parts(const Descriptor& type) {
  std::string parts;
  for (int i = 0; i < type.field_count(); ++i) {
    parts += (i == 0 ? "" : ", ") + type.field(i)->name();
  }
  return "{" + parts + "}";
}

std::string ShapeOf(const FieldDescriptor& field, const Catalogue& texts) {
  const FieldRule* rule = RuleOf(field);
  const Shape shape = rule == nullptr ? Shape::kAny : rule->shape;
  switch (shape) {
    case Shape::kId:
      return texts.Say("field_id");
    case Shape::kDate:
      return texts.Say("field_date");
    case Shape::kPeriod:
      return texts.Say("field_period");
    case Shape::kName:
    case Shape::kLine:
    case Shape::kText:
      return texts.Say("field_text");
    default:
      break;
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumChoices(*field.enum_type());
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true | false";
    case FieldDescriptor::CPPTYPE_INT64:
      return texts.Say("field_time");
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? texts.Say("field_bytes")
                                                         : texts.Say("field_text");
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field.message_type() == pb::Ref::descriptor() ? texts.Say("field_record")
                                                           : Parts(*field.message_type());
    default:
      return texts.Say("field_number");
  }
}

void AddFields(const Descriptor& type, const std::string& before, bool required_above,
               const Catalogue& texts, std::string& lines) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.name() == "issuer") {
      continue;  // who signs fills it in
    }
    const FieldRule* rule = RuleOf(field);
    const bool required = required_above && rule != nullptr && rule->required;
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (is_message && !field.is_repeated() && field.message_type() != pb::Ref::descriptor()) {
      AddFields(*field.message_type(), before + field.name() + ".", required, texts, lines);
      continue;
    }
    std::string notes;
    if (field.is_repeated()) {
      notes = texts.Say("field_several");
    }
    if (required) {
      notes += (notes.empty() ? "" : ", ") + texts.Say("help_required");
    }
    lines += Padded("  " + before + field.name(), kNameColumn) + "  " + ShapeOf(field, texts) +
             (notes.empty() ? "" : " (" + notes + ")") + "\n";
  }
}

}  // namespace

std::string TypedExample(std::string_view kind) {
  const auto* const found = std::find_if(kExamples.begin(), kExamples.end(),
                                         [&](const Example& e) { return e.kind == kind; });
  CHECK(found != kExamples.end());
  return CommandOf(kind) + " --dir " + std::string(found->directory) + " " +
         std::string(found->words) + " --passphrase-file F";
}

const Descriptor& TypedBody(const KindTraits& traits) {
  const Descriptor* message =
      pb::Record::descriptor()->FindFieldByNumber(static_cast<int>(traits.kind))->message_type();
  return traits.object.empty() ? *message : *message->FindFieldByName("body")->message_type();
}

std::string TypedFields(const std::string& command, const Catalogue& texts) {
  for (const KindTraits& traits : AllKinds()) {
    if (command == CommandOf(traits.name)) {
      std::string lines = texts.Say("help_fields") + ":\n";
      AddFields(TypedBody(traits), "", true, texts, lines);
      return lines;
    }
  }
  return "";
}

}  // namespace chibo
