// Goal: what a unit writes is read by those whom its reach allows, and by nobody else.
// Method: province, district, two communes, four cells. Each unit plants a word of its own in every
// kind of stream and reach it can write. When everything has travelled, each word must lie in
// exactly the stores, and have gone over exactly the lines, that the table below names; the table
// is made from the tree alone, not from the product's answer to the same question.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/node/sample_lines.h"
#include "tests/node/tapped_link.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

using Units = std::set<std::string>;
// A unit and the unit it sends to.
using Lines = std::set<std::pair<std::string, std::string>>;

const std::vector<std::pair<std::string, std::string>> kBelow = {
    {"top", ""},     {"huyen", "top"}, {"xa1", "huyen"}, {"xa2", "huyen"},
    {"xa1a", "xa1"}, {"xa1b", "xa1"},  {"xa2a", "xa2"},  {"xa2b", "xa2"}};

std::string Above(const std::string& unit) {
  return std::find_if(kBelow.begin(), kBelow.end(),
                      [&](const auto& pair) { return pair.first == unit; })
      ->second;
}

Units UpwardOf(const std::string& unit) {  // the unit and all above it
  Units units;
  for (std::string at = unit; !at.empty(); at = Above(at)) {
    units.insert(at);
  }
  return units;
}

bool IsBelow(const std::string& unit, const std::string& above) {
  return unit != above && UpwardOf(unit).contains(above);
}

struct Word {
  std::string text;
  std::string writer;
  Units readers;
};

// Who reads what `unit` writes in its line for all.
Units LineReaders(const std::string& unit) { return UpwardOf(unit); }
Units ParentReaders(const std::string& unit) {
  return Above(unit).empty() ? Units{unit} : Units{unit, Above(unit)};
}
Units DownReaders(const std::string& unit) {
  Units readers = UpwardOf(unit);
  for (const auto& [below, above] : kBelow) {
    if (IsBelow(below, unit)) {
      readers.insert(below);
    }
  }
  return readers;
}
Units ToReaders(const std::string& unit, const std::string& to) {
  Units readers = UpwardOf(to);
  readers.merge(UpwardOf(unit));
  return readers;
}
Units ToParentReaders(const std::string& unit, const std::string& to) {
  Units readers = {unit, to, Above(to)};
  if (!Above(unit).empty()) {
    readers.insert(Above(unit));
  }
  return readers;
}

// Away from the writer, as far as there are readers: nothing jumps over a unit.
Lines LinesOf(const Word& word) {
  Lines lines;
  for (const auto& [child, parent] : kBelow) {
    if (!word.readers.contains(child) || !word.readers.contains(parent)) {
      continue;
    }
    const bool from_below = word.writer == child || IsBelow(word.writer, child);
    lines.insert(from_below ? std::pair{child, parent} : std::pair{parent, child});
  }
  return lines;
}

std::string Listed(const Lines& lines) {
  std::string text;
  for (const auto& [from, to] : lines) {
    text += " " + from + ">" + to;
  }
  return text;
}
std::string Listed(const Units& units) {
  std::string text;
  for (const std::string& unit : units) {
    text += " " + unit;
  }
  return text;
}

class AudienceTest : public ::testing::Test {
 protected:
  AudienceTest() {
    InitCrypto();
    std::string pattern = (fs::temp_directory_path() / "chibo-audience-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    for (const auto& [unit, above] : kBelow) {
      Found(unit, above);
    }
  }
  ~AudienceTest() override {
    nodes_.clear();
    fs::remove_all(folder_);
  }

  SimNode& At(const std::string& unit) { return *nodes_.at(unit); }

  void Found(const std::string& unit, const std::string& above) {
    const SimNode::Place place{(folder_ / (unit + ".db")).string(), ""};
    if (above.empty()) {
      nodes_[unit] = SimNode::Found(unit, random_, kNow, place);
      return;
    }
    const bool cell = unit.size() == 4;
    const pb::UnitKind kind = cell              ? pb::CELL
                              : unit == "huyen" ? pb::DISTRICT
                                                : pb::GRASSROOTS_BODY;
    const UnitId id = At(above).AddUnit(unit, kind, kNow);
    nodes_[unit] =
        SimNode::Join(At(above), id, cell ? pb::SECRETARY : pb::SERVER, random_, kNow, place);
  }

  std::string Plant(const std::string& name, const std::string& writer, Units readers) {
    words_.push_back({"<" + name + ">", writer, std::move(readers)});
    return words_.back().text;
  }

  void PlantLine(const std::string& unit) {
    const auto meeting = [](const std::string& word) {
      return R"({"records":[{"meeting":{"kinds":["REGULAR"],"start_ms":"1575500000000","topics":[")" +
             word + R"("]}}])";
    };
    At(unit).Record(
        {meeting(Plant(unit + " line all", unit, LineReaders(unit))) + "}",
         meeting(Plant(unit + " line narrowed", unit, ParentReaders(unit))) +
             R"(,"parent_only":[0]})",
         R"({"opinion":{"about":{"id":"@new"},"period":"2019","from":"RESIDENCE","text":")" +
             Plant(unit + " line parent", unit, ParentReaders(unit)) + R"("}})"},
        kNow);
  }

  void PlantDown(const std::string& unit) {
    Signers signers;
    signers.officer = At(unit).officer();
    At(unit).Record(
        {R"({"peer_group":{"body":{"id":"nhom","period":"2019","owner":"@unit:)" + unit +
         R"(","name":")" + Plant(unit + " down", unit, DownReaders(unit)) + R"("}}})"},
        kNow, signers);
  }

  void PlantTo(const std::string& unit, const std::string& to) {
    const std::string name = unit + " to " + to;
    pb::Record posting;
    posting.mutable_posting()->set_person(random_.Draw(16));
    posting.mutable_posting()->set_title(Plant(name + " all", unit, ToReaders(unit, to)));
    posting.mutable_posting()->set_place(Bytes(At(to).unit().view()));
    pb::Record opinion;
    opinion.mutable_opinion()->mutable_about()->set_id(random_.Draw(16));
    opinion.mutable_opinion()->set_from(pb::SUPERIOR);
    opinion.mutable_opinion()->set_period("2019");
    opinion.mutable_opinion()->set_text(Plant(name + " parent", unit, ToParentReaders(unit, to)));
    Draft draft;
    draft.claimed = kNow;
    draft.Add(std::move(posting));
    draft.Add(std::move(opinion));
    const Status done = At(unit).replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
      CHIBO_TRY(writer.Append(pb::TO, At(to).unit(), std::move(draft)));
      return {};
    });
    ASSERT_TRUE(done) << ToString(done.error());
  }

  // Somebody goes from one to the other: the unit above both tells each of the other.
  void Transfer(const std::string& above, const std::string& from, const std::string& to) {
    At(above).Record({R"({"transfer":{"person":"@new","kind":"PERMANENT","from":"@unit:)" + from +
                      R"(","to":"@unit:)" + to + R"(","effective":20190810}})"},
                     kNow);
  }

  // Every line once, from below; what has to go down again goes with the next round.
  void SyncAll() {
    for (auto pair = kBelow.rbegin(); pair != kBelow.rend(); ++pair) {
      const std::string& child = pair->first;
      const std::string& parent = pair->second;
      if (parent.empty()) {
        continue;
      }
      const Status done = SyncTapped(At(child), At(parent), kNow, [&](bool upward, ByteView bytes) {
        heard_[upward ? std::pair{child, parent} : std::pair{parent, child}].append(bytes);
      });
      EXPECT_TRUE(done) << child << ": " << ToString(done.error());
    }
  }

  Lines Heard(const std::string& text) const {
    Lines lines;
    for (const auto& [line, bytes] : heard_) {
      if (bytes.find(text) != std::string::npos) {
        lines.insert(line);
      }
    }
    return lines;
  }

  // Stores of this test are not sealed: what is held lies in their files.
  std::map<std::string, Bytes> Files() const {
    std::map<std::string, Bytes> files;
    for (const auto& file : fs::directory_iterator(folder_)) {
      const std::string name = file.path().filename().string();
      std::ifstream in(file.path(), std::ios::binary);
      files[name.substr(0, name.find('.'))].append(std::istreambuf_iterator<char>(in), {});
    }
    return files;
  }

  SeededRandom random_{29};
  fs::path folder_;
  std::map<std::string, std::unique_ptr<SimNode>> nodes_;
  std::vector<Word> words_;
  std::map<std::pair<std::string, std::string>, Bytes> heard_;
};

TEST_F(AudienceTest, EveryWordIsWhereItsReachAllowsAndNowhereElse) {
  SyncAll();
  Transfer("huyen", "xa1a", "xa2a");
  SyncAll();
  SyncAll();
  for (const auto& [unit, above] : kBelow) {
    PlantLine(unit);
    if (unit.size() != 4) {
      PlantDown(unit);
    }
  }
  for (const auto& [unit, to] :
       std::vector<std::pair<std::string, std::string>>{{"top", "huyen"},
                                                        {"huyen", "xa1"},
                                                        {"xa1", "xa1a"},
                                                        {"xa2", "xa2b"},
                                                        {"huyen", "xa1b"},
                                                        // Units between may not read these.
                                                        {"xa1a", "xa2a"},
                                                        {"top", "xa1b"}}) {
    PlantTo(unit, to);
  }
  for (int round = 0; round < 4; ++round) {
    SyncAll();
  }
  const auto files = Files();
  for (const Word& word : words_) {
    Units holders;
    for (const auto& [unit, bytes] : files) {
      if (bytes.find(word.text) != std::string::npos) {
        holders.insert(unit);
      }
    }
    EXPECT_EQ(Listed(holders), Listed(word.readers)) << word.text;
    EXPECT_EQ(Listed(Heard(word.text)), Listed(LinesOf(word))) << word.text;
  }
}

// Whoever may not read records of a reach does not get the secret that would let it test guesses at
// them, either.
TEST_F(AudienceTest, SecretsGoNoFurtherThanWhatTheyOpen) {
  for (const auto& [unit, above] : kBelow) {
    PlantLine(unit);
  }
  for (int round = 0; round < 4; ++round) {
    SyncAll();
  }
  std::size_t seen = 0;
  for (const auto& [unit, above] : kBelow) {
    for (const Stream* stream : At(unit).replica().streams().All()) {
      if (!stream->own || stream->kind != pb::LINE) {
        continue;
      }
      const auto secrets = At(unit).replica().log().Secrets(stream->no);
      ASSERT_TRUE(secrets);
      for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
        const Units readers = reach == pb::ALL ? LineReaders(unit) : ParentReaders(unit);
        EXPECT_EQ(Listed(Heard(std::string((*secrets)[reach]->view()))),
                  Listed(LinesOf({"", unit, readers})))
            << unit << " reach " << reach;
        ++seen;
      }
    }
  }
  EXPECT_EQ(seen, 2 * kBelow.size());
}

}  // namespace
}  // namespace chibo
