#include "tests/golden.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "proto/checkpoint.h"
#include "proto/merkle.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/signed_object.h"
#include "proto/tlog_export.h"
#include "tests/proto/sample.h"

// What is signed, hashed and sent must not change by accident: tests/data/golden holds the bytes,
// and its README says how to renew them on purpose.
namespace chibo {
namespace {

const std::filesystem::path kFolder = CHIBO_SOURCE_DIR "/tests/data/golden";

void AddStream(std::map<std::string, Bytes>& golden) {
  const NetworkId network = sample::Network();
  const StreamId stream = sample::Stream();
  const Bytes genesis = CanonicalBytes(sample::GenesisHeader());
  const Entry entry = sample::MeetingEntry();
  Entry withheld = entry;
  withheld.records[1].payload.reset();
  withheld.records[2].payload.reset();

  golden["genesis_header"] = genesis;
  golden["stream_id"] = Bytes(stream.view());
  golden["entry_header"] = entry.header;
  golden["entry_body"] = EncodeBody(entry);
  golden["entry_body_withheld"] = EncodeBody(withheld);
  golden["entry_leaf_input"] = LeafInput(stream, 1, RecordsRoot(entry.records), entry.header);

  const std::vector<Hash> leaves = {EntryLeaf(stream, 0, {genesis, {}}),
                                    EntryLeaf(stream, 1, entry)};
  const Position at{stream, 2, MerkleRoot(leaves)};
  const SigningKey& key = sample::DeviceKey();
  const Signature signature = SignCheckpoint(key, network, at);
  const std::string note = CheckpointNote(network, at, key.public_key(), signature);
  golden["checkpoint_note"] = note;
  golden["vkey"] = Vkey(network, stream, key.public_key());
  golden["tlog_proof"] = TlogProof(1, InclusionProof(leaves, 1), note);
}

std::vector<pb::Record> AllSamples() {
  std::vector<pb::Record> records = sample::Records();
  for (pb::Record& record : sample::OtherRecords()) {
    records.push_back(std::move(record));
  }
  return records;
}

std::map<std::string, Bytes> Golden() {
  const NetworkId network = sample::Network();
  std::map<std::string, Bytes> golden;
  for (const pb::Record& record : AllSamples()) {
    const KindTraits& traits = *TraitsOf(static_cast<std::uint32_t>(record.body_case()));
    const std::string name = "record_" + std::string(traits.name);
    golden[golden.contains(name) ? name + "_other" : name] = PayloadOf(record);
  }
  golden["signed_message_decision"] = SignedMessage(network, sample::RecordOf(Kind::kDecision));
  golden["attestation_message"] =
      AttestationMessage(network, "unit-cell-000003", pb::TALLY_CHAIR,
                         {ContentDigest(21, "tally"), ContentDigest(22, "correction")});
  AddStream(golden);
  return golden;
}

TEST(Golden, BytesAreThoseCommitted) { ExpectGolden(kFolder, Golden()); }

TEST(Golden, RecordsReadBackAndMeanSomething) {
  for (const pb::Record& record : AllSamples()) {
    const auto kind = static_cast<std::uint32_t>(record.body_case());
    const auto parsed = ParseRecord(kind, PayloadOf(record));
    ASSERT_TRUE(parsed) << ToString(parsed.error());
    EXPECT_EQ(PayloadOf(*parsed), PayloadOf(record));
    const Status meaning = CheckMeaning(record);
    EXPECT_TRUE(meaning) << ToString(meaning.error());
  }
}

// Adds the names of the fields that are set, and of all fields of the messages that occur.
void Collect(const google::protobuf::Message& message, std::set<std::string>& set,
             std::set<std::string>& known) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    known.insert(message.GetDescriptor()->field(i)->full_name());
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    set.insert(field->full_name());
    if (field->message_type() == nullptr) {
      continue;
    }
    if (!field->is_repeated()) {
      Collect(reflection.GetMessage(message, field), set, known);
      continue;
    }
    for (int k = 0; k < reflection.FieldSize(message, field); ++k) {
      Collect(reflection.GetRepeatedMessage(message, field, k), set, known);
    }
  }
}

// A field that no sample sets would be outside the golden bytes: whoever adds one adds it to a
// sample too.
TEST(Golden, SamplesCoverEveryField) {
  std::set<std::string> set;
  std::set<std::string> known;
  for (const pb::Record& record : AllSamples()) {
    Collect(BodyOf(record), set, known);
  }
  Collect(sample::GenesisHeader(), set, known);
  Collect(sample::HeaderOf(1), set, known);
  // Slots are written by MakeEntry.
  set.insert("chibo.pb.EntryHeader.slots");
  for (const std::string& field : known) {
    EXPECT_TRUE(set.contains(field)) << field;
  }
}

TEST(Golden, SamplesCoverEveryKind) {
  const auto records = sample::Records();
  ASSERT_EQ(records.size(), AllKinds().size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].body_case(), AllKinds()[i].kind);
  }
}

}  // namespace
}  // namespace chibo
