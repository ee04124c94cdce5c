// Goal: what a unit writes for one under another committee, whoever carries it, is read by the two
// and the direct superior of each, whatever comes first and whatever happens to devices.
// Method: a district with two communes of a cell each. A member moves from one cell to the other;
// the old cell gives its opinion.
#include "proto/sealed_text.h"

#include <gtest/gtest.h>

#include "tests/must.h"
#include "tests/node/observer.h"
#include "tests/node/pieces.h"
#include "tests/node/sample_lines.h"

namespace chibo {
namespace {

constexpr char kPerson[] = "00112233445566778899aabbccddeeff";

class SealedTextsTest : public ::testing::Test {
 protected:
  SealedTextsTest() {
    InitCrypto();
    huyen_ = SimNode::Found("Huyện", random_, kNow);
    xa1_ = Commune("xa1");
    xa2_ = Commune("xa2");
    cb1_ = Cell(*xa1_, "cb1");
    cb2_ = Cell(*xa2_, "cb2");
    SyncAll();
  }

  std::unique_ptr<SimNode> Commune(const std::string& code) {
    const UnitId unit = huyen_->AddUnit(code, pb::GRASSROOTS_BODY, kNow);
    return SimNode::Join(*huyen_, unit, pb::SERVER, random_, kNow);
  }
  std::unique_ptr<SimNode> Cell(SimNode& above, const std::string& code) {
    return SimNode::Join(above, above.AddUnit(code, pb::CELL, kNow), pb::SECRETARY, random_, kNow);
  }

  void Sync(SimNode& child, SimNode& parent) {
    const LinkResult result = SyncOnce(child, parent, kNow);
    EXPECT_TRUE(result.child) << ToString(result.child.error());
  }
  void SyncAll(int rounds = 3) {
    for (int round = 0; round < rounds; ++round) {
      Sync(*cb1_, *xa1_);
      Sync(*xa1_, *huyen_);
      Sync(*xa2_, *huyen_);
      Sync(*cb2_, *xa2_);
    }
  }

  void Transfer() {
    huyen_->Record({R"({"transfer":{"person":"@hex:)" + std::string(kPerson) +
                    R"(","name":"Lò Văn Sính","kind":"PERMANENT","from":"@unit:cb1",)"
                    R"("to":"@unit:cb2","effective":20190810}})"},
                   kNow);
  }
  void Member(SimNode& cell) {
    cell.Record({R"({"member":{"person":"@hex:)" + std::string(kPerson) +
                 R"(","name":"Lò Văn Sính","birth":19760109}})"},
                kNow);
  }
  RecordName Opinion(const std::string& text) {
    const Recorded recorded =
        cb1_->Record({R"({"opinion":{"about":{"id":"@hex:)" + std::string(kPerson) +
                      R"("},"period":"2019","from":"OLD_PLACE","text":")" + text + R"("}})"},
                     kNow);
    return recorded.names.front();
  }

  // The text as this node has it; nothing where it is withheld, "-" where the record is not held.
  static std::optional<std::string> TextAt(const SimNode& node, const RecordName& name) {
    const auto fact = Must(const_cast<SimNode&>(node).replica().view().FactAt(name, 0));
    if (!fact) {
      return "-";
    }
    return fact->record ? std::optional(fact->record->opinion().text()) : std::nullopt;
  }
  void ExpectReadByThose(const RecordName& name, const std::string& text) {
    for (SimNode* node : {cb1_.get(), xa1_.get(), xa2_.get(), cb2_.get()}) {
      EXPECT_EQ(TextAt(*node, name), text) << node->replica().settings().unit_code;
    }
    EXPECT_EQ(TextAt(*huyen_, name), std::nullopt);
  }
  void ExpectNothingSetAside() {
    for (SimNode* node : {huyen_.get(), cb1_.get(), xa1_.get(), xa2_.get(), cb2_.get()}) {
      Must(node->replica().view().VisitSetAside([&](const Fact& fact) {
        ADD_FAILURE() << node->replica().settings().unit_code << " " << ToString(fact.name) << " "
                      << Name(fact.standing);
        return true;
      }));
    }
  }
  static std::size_t CountOf(SimNode& node, Kind kind) {
    std::size_t count = 0;
    Must(node.replica().view().VisitFacts([&](const Fact& fact) {
      count += fact.kind == static_cast<std::uint32_t>(kind) ? 1 : 0;
      return true;
    }));
    return count;
  }

  // All that the new cell is given, entry by entry, as those on the way have it: without the texts
  // of the old cell's stream, and without its secret.
  std::vector<Piece> PiecesForTheNewCell() {
    std::vector<Piece> pieces;
    for (SimNode* node : {huyen_.get(), xa1_.get(), xa2_.get(), cb1_.get()}) {
      const Replica& replica = node->replica();
      for (Piece& piece : PiecesOf(*node)) {
        const Stream& stream = *replica.streams().Find(piece.stream);
        if (!huyen_->replica().visibility().MayHold(stream, cb2_->unit())) {
          continue;
        }
        if (node != cb1_.get()) {
          piece.secrets[pb::PARENT].reset();
        } else {
          Withhold(piece);
        }
        pieces.push_back(std::move(piece));
      }
    }
    return pieces;
  }
  static void Withhold(Piece& piece) {
    const Header header = Must(ParseHeader(piece.bytes.header, piece.index));
    Entry entry = Must(DecodeEntry(piece.stream, piece.index, piece.bytes.header, piece.bytes.body,
                                   piece.secrets));
    for (std::size_t i = 0; i < header.slots.size(); ++i) {
      if (header.slots[i].reach == pb::PARENT) {
        entry.records[i].payload.reset();
      }
    }
    piece.bytes.body = EncodeBody(entry);
    piece.secrets[pb::PARENT].reset();
  }
  // What the old cell's committee writes to the new cell beside what it should.
  void Forge(const std::function<void(pb::SealedText&)>& fill, const StreamId& stream) {
    Draft draft;
    draft.claimed = kNow;
    pb::Record record;
    record.mutable_sealed_text()->set_stream(Bytes(stream.view()));
    fill(*record.mutable_sealed_text());
    draft.Add(std::move(record));
    Must(xa1_->replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
      CHIBO_TRY(writer.Append(pb::TO, cb2_->unit(), std::move(draft)));
      return {};
    }));
  }
  std::size_t BrokenAt(SimNode& node) {
    std::size_t broken = 0;
    Must(node.replica().view().VisitSetAside([&](const Fact& fact) {
      EXPECT_EQ(fact.standing, SetAside::kSealBroken);
      ++broken;
      return true;
    }));
    return broken;
  }
  StreamSecret TextSecret(const StreamId& stream) {
    const Replica& replica = cb1_->replica();
    return *Must(replica.log().Secrets(replica.streams().Find(stream)->no))[pb::PARENT];
  }
  Commitment CommitmentAt(const RecordName& name) {
    const Replica& replica = cb1_->replica();
    const Stream& stream = *replica.streams().Find(name.stream);
    const auto stored = Must(replica.log().ReadEntries(stream.no, 0, name.index, 1, 0));
    const Entry entry = Must(DecodeEntry(stream.id, name.index, stored[0].header, stored[0].body,
                                         Must(replica.log().Secrets(stream.no))));
    return entry.records[name.position].commitment;
  }

  SeededRandom random_{47};
  std::unique_ptr<SimNode> huyen_;
  std::unique_ptr<SimNode> xa1_;
  std::unique_ptr<SimNode> xa2_;
  std::unique_ptr<SimNode> cb1_;
  std::unique_ptr<SimNode> cb2_;
};

TEST_F(SealedTextsTest, TheOldCellsOpinionReachesTheNewCellAndItsCommitteeOnly) {
  Member(*cb1_);
  Transfer();
  SyncAll();
  const RecordName opinion = Opinion("Chấp hành tốt");
  SyncAll();
  ExpectReadByThose(opinion, "Chấp hành tốt");
  ExpectNothingSetAside();
  for (SimNode* node : {huyen_.get(), xa1_.get(), xa2_.get(), cb2_.get()}) {
    const Hash before = node->digest();
    ASSERT_TRUE(node->replica().RebuildView());
    EXPECT_EQ(node->digest(), before);
  }
  // Said once, there is nothing left to say.
  const std::size_t sealed = CountOf(*huyen_, Kind::kSealedText);
  const std::size_t copies = CountOf(*huyen_, Kind::kCopy);
  EXPECT_EQ(sealed, 1U);
  SyncAll();
  EXPECT_EQ(CountOf(*huyen_, Kind::kSealedText), sealed);
  EXPECT_EQ(CountOf(*huyen_, Kind::kCopy), copies);
}

TEST_F(SealedTextsTest, OneGoesWithinACommitteeWithoutASeal) {
  cb2_ = Cell(*xa1_, "cb3");
  const auto sync = [&] {
    for (int round = 0; round < 3; ++round) {
      Sync(*cb1_, *xa1_);
      Sync(*cb2_, *xa1_);
      Sync(*xa1_, *huyen_);
    }
  };
  sync();
  huyen_->Record({R"({"transfer":{"person":"@hex:)" + std::string(kPerson) +
                  R"(","kind":"PERMANENT","from":"@unit:cb1","to":"@unit:cb3",)"
                  R"("effective":20190810}})"},
                 kNow);
  sync();
  Member(*cb1_);
  const RecordName opinion = Opinion("ở gần");
  sync();
  EXPECT_EQ(TextAt(*cb2_, opinion), "ở gần");
  EXPECT_EQ(TextAt(*xa1_, opinion), "ở gần");
  EXPECT_EQ(TextAt(*huyen_, opinion), std::nullopt);
  EXPECT_EQ(CountOf(*huyen_, Kind::kSealedText), 0U);
}

TEST_F(SealedTextsTest, IsReadInWhateverOrderItComes) {
  Member(*cb1_);
  Transfer();
  SyncAll();
  const RecordName first = Opinion("một");
  SyncAll(1);
  const RecordName second = Opinion("hai");
  SyncAll();
  const std::vector<Piece> pieces = PiecesForTheNewCell();
  std::optional<Hash> digest;
  for (int order = 0; order < 12; ++order) {
    std::vector<Piece> waiting = pieces;
    if (order > 0) {
      Shuffle(waiting, random_);
    }
    Observer observer(cb2_->replica().settings(), random_, &*cb2_->device().seal);
    while (!waiting.empty()) {
      TakeSome(observer, waiting, random_, kNow);
      if (random_.Below(4) == 0) {
        observer.Start();
      }
    }
    for (const auto& [name, text] : {std::pair(first, "một"), std::pair(second, "hai")}) {
      const auto fact = Must(observer.replica().view().FactAt(name, 0));
      ASSERT_TRUE(fact && fact->counts()) << order;
      EXPECT_EQ(fact->record->opinion().text(), text);
    }
    EXPECT_EQ(digest.value_or(observer.Digest()), observer.Digest()) << order;
    digest = observer.Digest();
    ASSERT_TRUE(observer.replica().RebuildView());
    EXPECT_EQ(observer.Digest(), *digest) << order;
  }
  // Another device, to which nothing is sealed, is none the wiser.
  const DhKey other{SecretKey::Draw(random_)};
  Observer stranger(cb2_->replica().settings(), random_, &other);
  EXPECT_TRUE(TakeIn(stranger, pieces, kNow).empty());
  const auto fact = Must(stranger.replica().view().FactAt(first, 0));
  ASSERT_TRUE(fact);
  EXPECT_EQ(fact->record, nullptr);
}

TEST_F(SealedTextsTest, WhatDoesNotOpenOrFitIsListedAndTheTextStaysWithheld) {
  Member(*cb1_);
  Transfer();
  SyncAll();
  const RecordName name = Opinion("thật");
  SyncAll();
  const StreamSecret secret = TextSecret(name.stream);
  const DhPublicKey reader = cb2_->device().seal->public_key();
  const auto to_reader = [&](const StreamSecret& sealed) {
    return *SealSecret(sealed, reader, random_);
  };
  // A box for somebody else under this device's name; another stream's secret; a payload under
  // another secret; one that is not what the old cell wrote; one of a record that is not there.
  Forge(
      [&](pb::SealedText& text) {
        const DhKey other{SecretKey::Draw(random_)};
        *text.add_secrets() = *SealSecret(secret, other.public_key(), random_);
        text.mutable_secrets(0)->set_key_id(KeyId(reader));
      },
      name.stream);
  Forge([&](pb::SealedText& text) { *text.add_secrets() = to_reader(StreamSecret()); },
        name.stream);
  Forge(
      [&](pb::SealedText& text) {
        *text.add_payloads() = SealPayload(StreamSecret(), name, CommitmentAt(name), "x", random_);
      },
      name.stream);
  Forge(
      [&](pb::SealedText& text) {
        *text.add_payloads() = SealPayload(secret, name, CommitmentAt(name), "giả", random_);
      },
      name.stream);
  Forge(
      [&](pb::SealedText& text) {
        *text.add_payloads() = SealPayload(secret, name, Commitment(), "giả", random_);
      },
      name.stream);
  SyncAll();
  EXPECT_EQ(BrokenAt(*cb2_), 5U);
  EXPECT_EQ(TextAt(*cb2_, name), "thật");
  const Hash before = cb2_->digest();
  ASSERT_TRUE(cb2_->replica().RebuildView());
  EXPECT_EQ(cb2_->digest(), before);

  // Without the right one nothing is read.
  std::vector<Piece> pieces = PiecesForTheNewCell();
  std::erase_if(pieces, [&](const Piece& piece) {
    return huyen_->replica().streams().Find(piece.stream)->unit == xa1_->unit();
  });
  Observer observer(cb2_->replica().settings(), random_, &*cb2_->device().seal);
  EXPECT_TRUE(TakeIn(observer, pieces, kNow).empty());
  const auto fact = Must(observer.replica().view().FactAt(name, 0));
  ASSERT_TRUE(fact);
  EXPECT_EQ(fact->record, nullptr);
}

TEST_F(SealedTextsTest, ADeviceThatComesLaterReadsItToo) {
  Member(*cb1_);
  Transfer();
  SyncAll();
  const RecordName name = Opinion("trước");
  SyncAll();
  cb2_ = SimNode::Join(*xa2_, cb2_->unit(), pb::DEPUTY, random_, kNow);
  SyncAll();
  EXPECT_EQ(TextAt(*cb2_, name), "trước");
  const RecordName later = Opinion("sau");
  SyncAll();
  EXPECT_EQ(TextAt(*cb2_, later), "sau");
  ExpectNothingSetAside();
}

// The committee's server is replaced, without its store, while the text is on the way.
TEST_F(SealedTextsTest, ACommitteesNewServerReadsIt) {
  Member(*cb1_);
  Transfer();
  SyncAll();
  const RecordName name = Opinion("trên đường");
  Sync(*cb1_, *xa1_);
  Sync(*xa1_, *huyen_);
  xa2_ = SimNode::Join(*huyen_, xa2_->unit(), pb::SERVER, random_, kNow);
  for (int round = 0; round < 3; ++round) {
    Sync(*xa1_, *huyen_);
    Sync(*xa2_, *huyen_);
  }
  EXPECT_EQ(TextAt(*xa2_, name), "trên đường");
}

// The cell it is for has no device yet: the committee reads it, and gives it to the cell's first.
TEST_F(SealedTextsTest, ACellWithoutADeviceGetsItWithItsFirst) {
  const UnitId unit = xa2_->AddUnit("cb9", pb::CELL, kNow);
  SyncAll();
  Member(*cb1_);
  huyen_->Record({R"({"transfer":{"person":"@hex:)" + std::string(kPerson) +
                  R"(","kind":"PERMANENT","from":"@unit:cb1","to":"@unit:cb9",)"
                  R"("effective":20190810}})"},
                 kNow);
  SyncAll();
  const RecordName name = Opinion("chưa có máy");
  SyncAll();
  EXPECT_EQ(TextAt(*xa2_, name), "chưa có máy");
  EXPECT_EQ(TextAt(*huyen_, name), std::nullopt);
  cb2_ = SimNode::Join(*xa2_, unit, pb::SECRETARY, random_, kNow);
  SyncAll();
  EXPECT_EQ(TextAt(*cb2_, name), "chưa có máy");
}

// Certificates reach the old cell's committee after the text does.
TEST_F(SealedTextsTest, IsSealedAsSoonAsItIsKnownToWhom) {
  Member(*cb1_);
  Transfer();
  SyncAll();
  xa2_ = SimNode::Join(*huyen_, xa2_->unit(), pb::SERVER, random_, kNow);
  const RecordName name = Opinion("sớm");
  Sync(*cb1_, *xa1_);
  for (int round = 0; round < 3; ++round) {
    Sync(*xa1_, *huyen_);
    Sync(*xa2_, *huyen_);
  }
  EXPECT_EQ(TextAt(*xa2_, name), "sớm");
  EXPECT_EQ(TextAt(*huyen_, name), std::nullopt);
}

}  // namespace
}  // namespace chibo
