#include <google/protobuf/descriptor.h>

#include "proto/checkpoint.h"
#include "proto/entry.h"
#include "proto/kind.h"
#include "proto/limits.h"
#include "proto/merkle.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/signed_object.h"
#include "tests/fuzz/reader.h"
#include "tests/fuzz/targets.h"
#include "tests/proto/sample.h"

namespace chibo::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr auto kCertificate = static_cast<std::uint32_t>(Kind::kCertificate);

// What whoever holds a record does with it before anything is known of its worth.
void LookAt(const pb::Record& record) {
  static_cast<void>(CheckMeaning(record));
  const Bytes payload = PayloadOf(record);
  static_cast<void>(ContentDigest(static_cast<std::uint32_t>(record.body_case()), payload));
}

void Fill(Reader& reader, Message& message, int depth);

void SetOne(Reader& reader, Message& message, const FieldDescriptor& field, int depth) {
  const auto& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
  const auto set = [&](auto setter, auto adder, auto value) {
    many ? (reflection.*adder)(&message, &field, value)
         : (reflection.*setter)(&message, &field, value);
  };
  using R = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return set(&R::SetInt32, &R::AddInt32, static_cast<std::int32_t>(reader.U16()) - 9000);
    case FieldDescriptor::CPPTYPE_INT64:
      return set(&R::SetInt64, &R::AddInt64, static_cast<std::int64_t>(reader.U16()) - 9000);
    case FieldDescriptor::CPPTYPE_UINT32:
      return set(&R::SetUInt32, &R::AddUInt32,
                 reader.Byte() % 2 == 0 ? std::uint32_t{20190000} + reader.U16() : reader.U16());
    case FieldDescriptor::CPPTYPE_UINT64:
      return set(&R::SetUInt64, &R::AddUInt64, std::uint64_t{reader.U16()} << reader.Byte() % 49);
    case FieldDescriptor::CPPTYPE_BOOL:
      return set(&R::SetBool, &R::AddBool, reader.Byte() % 2 == 0);
    case FieldDescriptor::CPPTYPE_ENUM:
      return set(&R::SetEnumValue, &R::AddEnumValue, static_cast<int>(reader.Byte() % 16));
    case FieldDescriptor::CPPTYPE_STRING: {
      Bytes text(reader.Take(field.type() == FieldDescriptor::TYPE_BYTES && reader.Byte() % 4 != 0
                                 ? 16
                                 : reader.Byte()));
      return many ? reflection.AddString(&message, &field, std::move(text))
                  : reflection.SetString(&message, &field, std::move(text));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(reader,
                  many ? *reflection.AddMessage(&message, &field)
                       : *reflection.MutableMessage(&message, &field),
                  depth + 1);
    default:
      return;  // the schema has no floating point
  }
}

// Sets fields as the bytes say: values that are near to what such fields hold.
void Fill(Reader& reader, Message& message, int depth) {
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count() && !reader.empty() && depth < 8; ++i) {
    for (int count = reader.Byte() % 4; count > 0; --count) {
      SetOne(reader, message, *type.field(i), depth);
      if (!type.field(i)->is_repeated()) {
        break;
      }
    }
  }
}

}  // namespace

void TakeRecord(ByteView bytes) {
  Reader reader(bytes);
  const std::uint32_t kind = reader.U16();
  const ByteView payload = reader.Rest();
  const auto record = ParseRecord(kind, payload);
  if (!record) {
    return;
  }
  LookAt(*record);
  // What is written again is read the same.
  const Bytes again = PayloadOf(*record);
  const auto second = ParseRecord(kind, again);
  CHECK(second.has_value());
  CHECK(PayloadOf(*second) == again);
}

void TakeCertificate(ByteView bytes) {
  const auto record = ParseRecord(kCertificate, bytes);
  if (!record) {
    return;
  }
  // Of a signed kind: its own canonical bytes, or refused.
  CHECK(PayloadOf(*record) == bytes);
  LookAt(*record);
  const pb::CertificateBody& body = record->certificate().body();
  static_cast<void>(SignKeyOf(body));
  static_cast<void>(NoiseKeyOf(body));
  static_cast<void>(IssuerOf(*record));
  static_cast<void>(BodyDigest(*record));
  CHECK(SignaturesOf(*record).size() ==
        static_cast<std::size_t>(record->certificate().signatures_size()));
  const bool signed_by_it =
      HasSignatureBy(sample::Network(), sample::AuthorityKey().public_key(), *record);
  CHECK(signed_by_it == (CountSignaturesBy(sample::Network(), {sample::AuthorityKey().public_key()},
                                           *record) == 1));
}

void TakeNote(ByteView bytes) {
  const auto position =
      OpenCheckpointNote(bytes, sample::Network(), sample::DeviceKey().public_key());
  if (position) {
    // Only the three signed lines speak for it.
    CHECK(bytes.starts_with(CheckpointText(sample::Network(), *position)));
  }
}

void TakeEntry(ByteView bytes) {
  Reader reader(bytes);
  const std::uint64_t index = reader.Byte();
  const std::size_t header_bytes = reader.U16() % (limits::kGenesisBytesMax + 100);
  const ByteView header = reader.Take(header_bytes);
  const ByteView body = reader.Rest();
  const auto entry = DecodeEntry(sample::Stream(), index, header, body, sample::Secrets());
  if (!entry) {
    return;
  }
  CHECK(entry->header == header);
  CHECK(EncodeBody(*entry) == body);
  const auto parsed = ParseHeader(header, index);
  CHECK(parsed.has_value() && parsed->slots.size() == entry->records.size());
  static_cast<void>(EntryLeaf(sample::Stream(), index, *entry));
  for (std::size_t i = 0; i < entry->records.size(); ++i) {
    if (entry->records[i].payload) {
      if (const auto record = ParseRecord(parsed->slots[i].kind, *entry->records[i].payload)) {
        LookAt(*record);
      }
    }
  }
}

// Structure first: entries of records whose fields the bytes choose. What is made is read back,
// with and without what is withheld.
void MakeEntries(ByteView bytes) {
  Reader reader(bytes);
  std::vector<pb::Record> records(1 + reader.Byte() % 4);
  std::vector<pb::Reach> reaches;
  for (pb::Record& record : records) {
    const Kind kind = AllKinds()[reader.Below(AllKinds().size())].kind;
    Fill(reader, MutableBodyOf(static_cast<std::uint32_t>(kind), record), 0);
    reaches.push_back(reader.Byte() % 2 == 0 ? pb::ALL : pb::PARENT);
    LookAt(record);
  }
  const std::uint64_t index = 1 + reader.U16();
  const auto made = MakeEntry(sample::Stream(), index, sample::HeaderOf(reader.U16()), records,
                              reaches, sample::Secrets());
  if (!made) {
    CHECK(made.error().code == Code::kTooLarge);
    return;
  }
  const Hash leaf = EntryLeaf(sample::Stream(), index, *made);
  const auto read =
      DecodeEntry(sample::Stream(), index, made->header, EncodeBody(*made), sample::Secrets());
  CHECK(read.has_value() && EntryLeaf(sample::Stream(), index, *read) == leaf);
  Entry withheld = *made;
  for (HeldRecord& record : withheld.records) {
    if (reader.Byte() % 2 == 0) {
      record.payload.reset();
    }
  }
  const auto partly = DecodeEntry(sample::Stream(), index, withheld.header, EncodeBody(withheld),
                                  sample::Secrets());
  CHECK(partly.has_value() && EntryLeaf(sample::Stream(), index, *partly) == leaf);
}

}  // namespace chibo::fuzz
