#include "tests/verify/network.h"

#include <algorithm>
#include <filesystem>

#include "tests/must.h"
#include "tools/verify/text.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

const Timestamp kNow{std::chrono::milliseconds(1'575'500'000'000)};  // 5 December 2019

constexpr char kMembers[] =
    R"({"records":[
      {"member":{"person":"@new","name":"Nguyễn Văn An","birth":19800201,"admitted":20050301,"official":20060301}},
      {"member":{"person":"@new","name":"Phạm Thị Bình","birth":19850610,"admitted":20100519,"official":20110519}}]})";
constexpr char kMeeting[] =
    R"({"records":[
      {"meeting":{"kinds":["REGULAR"],"start_ms":"1575500000000","chair":"@person:Nguyễn Văn An|19800201","minute_taker":"@person:Phạm Thị Bình|19850610","present":["@person:Nguyễn Văn An|19800201"]}},
      {"minutes":{"meeting":{"position":0},"text":"Chi bộ thảo luận việc làm đường thôn."}},
      {"attestation":{"positions":[1],"attestors":[{"person":"@person:Nguyễn Văn An|19800201","act":"MINUTES_CHAIR"}]}}]})";
constexpr char kOneMember[] =
    R"({"records":[{"member":{"person":"@new","name":"Lê Văn Cường","birth":19790909,"admitted":20030203,"official":20040203}}]})";
constexpr char kOtherMember[] =
    R"({"records":[{"member":{"person":"@new","name":"Trần Thị Dung","birth":19830404,"admitted":20080303,"official":20090303}}]})";

}  // namespace

SimNode::Place SmallNetwork::PlaceOf(const std::string& name) const {
  return {folder_.Sub(name) + "/chibo.db", ""};
}

const SmallNetwork& SmallNetwork::Shared() {
  static const SmallNetwork kShared;
  return kShared;
}

Result<verify::Report> SmallNetwork::Verify(const std::string& directory,
                                            const std::optional<Bytes>& passphrase) const {
  verify::StartCrypto();
  return verify::Verify(directory, verify::Digest::FromChecked(network_.view()), passphrase);
}

SmallNetwork::SmallNetwork() {
  const auto province = SimNode::Found("Tỉnh thử", random_, kNow, PlaceOf("province"));
  network_ = province->replica().settings().network;
  commune_unit_ = province->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
  const auto commune =
      SimNode::Join(*province, commune_unit_, pb::SERVER, random_, kNow, PlaceOf("commune"));
  const UnitId cell_unit = commune->AddUnit("xa01-cb01", pb::CELL, kNow);
  const auto cell =
      SimNode::Join(*commune, cell_unit, pb::SECRETARY, random_, kNow, PlaceOf("cell"));
  cell->Record({kMembers}, kNow);
  RecordMeeting(*cell);
  CHECK(SyncOnce(*cell, *commune, kNow).child);
  CHECK(SyncOnce(*commune, *province, kNow).child);
  CHECK(SyncOnce(*cell, *commune, kNow).child);
  ForkCell(*cell, *commune);
  CHECK(SyncOnce(*commune, *province, kNow).child);
  for (SimNode* node : {province.get(), commune.get(), cell.get()}) {
    node->Stop();
  }
}

void SmallNetwork::RecordMeeting(SimNode& cell) {
  ActionReader people(cell.replica());
  CHECK(people.Refresh());
  const PersonId chair = Must(people.FindPerson("Nguyễn Văn An|19800201"));
  const SigningKey key(SecretKey::Draw(random_));
  pb::Record record;
  pb::PersonKey& enrolled = *record.mutable_person_key();
  enrolled.set_person(Bytes(chair.view()));
  enrolled.mutable_key()->set_usage(pb::SIGN);
  enrolled.mutable_key()->set_algorithm(1);
  enrolled.mutable_key()->set_key(Bytes(key.public_key().view()));
  enrolled.set_name("Nguyễn Văn An");
  enrolled.set_proof(Bytes(key.Sign(Bytes("chibo/person-key/v0\n") + Bytes(network_.view()) +
                                    Bytes(chair.view()) + Bytes(key.public_key().view()))
                               .view()));
  Draft draft;
  draft.claimed = kNow;
  draft.Add(std::move(record));
  CHECK(cell.replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
    CHIBO_TRY(writer.Append(pb::LINE, UnitId(), std::move(draft)));
    return {};
  }));
  Signers signers;
  signers.persons.push_back({chair, &key});
  cell.Record({kMeeting}, kNow, signers);
}

// An old copy of the cell's directory takes its place and goes on, and then an old copy of that
// one: the commune gets three branches, the third of which leaves the second.
void SmallNetwork::ForkCell(SimNode& cell, SimNode& commune) {
  const std::string store = cell.place().path;
  const auto copy = [&](const std::string& ending) {
    cell.Stop();
    fs::copy_file(store, store + ending);
    cell.Start(true);
  };
  const auto go_back_to = [&](const std::string& ending) {
    cell.Stop();
    fs::rename(store + ending, store);
    cell.Start(true);
  };
  copy(".old");
  cell.Record({kOneMember}, kNow);
  CHECK(SyncOnce(cell, commune, kNow).child);
  go_back_to(".old");
  cell.Record({kOtherMember}, kNow);
  copy(".older");
  cell.Record({kOneMember}, kNow);
  for (const std::string ending : {"", ".older"}) {
    if (!ending.empty()) {
      go_back_to(ending);
      cell.Record({kOtherMember}, kNow);
    }
    static_cast<void>(SyncOnce(cell, commune, kNow));
    static_cast<void>(SyncOnce(cell, commune, kNow));
  }
}

void CopyStore(const std::string& from, const std::string& to) {
  fs::copy_file(from + "/chibo.db", to + "/chibo.db", fs::copy_options::overwrite_existing);
}

bool Has(const std::vector<verify::Finding>& findings, std::string_view what) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const verify::Finding& finding) { return finding.what == what; });
}

bool Names(const verify::Report& report, const std::string& stream) {
  return std::any_of(
      report.problems.begin(), report.problems.end(),
      [&](const verify::Finding& finding) { return finding.place.stream == stream; });
}

bool NamesEntry(const verify::Report& report, const std::string& stream, std::uint64_t index) {
  return std::any_of(
      report.problems.begin(), report.problems.end(), [&](const verify::Finding& finding) {
        return finding.place.stream == stream && finding.place.index.value_or(0) == index;
      });
}

std::string Listed(const std::vector<verify::Finding>& findings) {
  std::string text;
  for (const verify::Finding& finding : findings) {
    text += std::string(finding.what) + ": " + verify::Say(finding, verify::Language::kEnglish);
    text += "\n";
  }
  return text;
}

}  // namespace chibo
