#include "domain/copy_opening.h"
#include "node/action_reader.h"
#include "node/enrolment.h"
#include "node/identity.h"
#include "node/status.h"
#include "node/typed_value.h"
#include "proto/record.h"
#include "tests/fuzz/network.h"
#include "tests/fuzz/reader.h"
#include "tests/fuzz/targets.h"
#include "tests/proto/sample.h"

namespace chibo::fuzz {

void TakeInvite(ByteView bytes) {
  const auto invite = ReadInvite(bytes);
  if (invite) {
    const Settings settings = SettingsFrom(*invite);
    CHECK(settings.parent.has_value() && settings.parent_noise.has_value());
  }
}

void TakeKeyFile(ByteView bytes) {
  const auto file = ParseKeyFile(bytes);
  // The cost is what the file says: bounded by KeyFromPassphrase, too slow to fuzz.
  if (file && file->memory_kib() <= 64 && file->passes() <= 2) {
    const auto key = UnlockKey(*file, "mật khẩu");
    CHECK(!key || key->sign.public_key() == SignKeyOf(*file));
  }
}

// A record that carries another with its proof: what it says it copies holds, or it is refused.
void TakeCopy(ByteView bytes) {
  const auto record = ParseRecord(static_cast<std::uint32_t>(Kind::kCopy), bytes);
  if (!record) {
    return;
  }
  const auto opened = OpenCopy(sample::Network(), record->copy());
  CHECK(!opened || opened->original.record != nullptr);
}

// A file or a stranger asks for a certificate: who is not certified gets none.
void TakeRequest(ByteView bytes) {
  SmallNetwork& network = TheNetwork();
  const auto grant = GrantFor(network.province->replica(), bytes);
  CHECK(!grant || !*grant || bytes == network.request);
}

// The device's own grant is held already: nothing that is taken may change what is there.
void TakeGrantFile(ByteView bytes) {
  SmallNetwork& network = TheNetwork();
  static const Hash kView = network.cell->digest();
  const std::size_t streams = network.cell->replica().streams().All().size();
  static_cast<void>(TakeGrant(network.cell->replica(), bytes, network.now));
  CHECK(network.cell->replica().streams().All().size() == streams);
  CHECK(network.cell->digest() == kView);
}

// A line of `chibo record`.
void TakeAction(ByteView bytes) {
  static ActionReader reader = [] {
    ActionReader made(TheNetwork().cell->replica());
    CHECK(made.Refresh().has_value());
    return made;
  }();
  const auto action = reader.Read(bytes);
  if (!action) {
    CHECK(!action.error().reason.empty());
    return;
  }
  CHECK(!action->records().empty());
  for (const pb::Record& record : action->records()) {
    CHECK(record.body_case() != pb::Record::BODY_NOT_SET);
    static_cast<void>(CheckMeaning(record));
  }
}

// Dates and times as people type them: what is understood is a day of the calendar, and understood
// again as it is kept.
void TakeTypedValue(ByteView bytes) {
  if (const auto date = DateFrom(bytes)) {
    CHECK(*date >= 1'01'01 && DateFrom(std::to_string(*date)) == date);
  }
  static_cast<void>(TimeFrom(bytes));
}

// A disk that has gone bad, or a directory from a stranger: any bytes of a cell's store may be
// others. Input: places and what stands there, three bytes of place and one of value each.
void OpenStore(ByteView bytes) {
  SmallNetwork& network = TheNetwork();
  test::FaultVfs::Image image = network.store;
  test::PagedBytes& file = image.at(kStorePath);
  for (Reader reader(bytes); !reader.empty();) {
    const std::size_t at = reader.Byte() * std::size_t{65'536} + reader.U16();
    const Bytes other(1, static_cast<char>(reader.Byte()));
    file.Write(at % file.size(), other);
  }
  static test::FaultVfs disk;
  disk.Put(image);
  SeededRandom random(1);
  const auto node = network.cell->CopyAt({kStorePath, disk.name()}, random);
  if (!node->OpenStore() || !node->TryStart(true)) {
    return;
  }
  const LogStore& log = node->replica().log();
  for (const Stream* stream : node->replica().streams().All()) {
    for (const BranchRow& branch : stream->branches) {
      static_cast<void>(log.ReadEntries(stream->no, branch.branch, 0, SIZE_MAX, SIZE_MAX));
      static_cast<void>(log.CheckpointAtLeast(stream->no, branch.branch, 1));
    }
    static_cast<void>(log.RegisteredOf(stream->id));
  }
  static_cast<void>(ReadStatus(node->replica().settings(), node->replica().streams(), log));
  static_cast<void>(RecordLines(
      node->replica(), {R"({"member":{"person":"@new","name":"Hà Văn Páo","birth":19900101}})"}, {},
      network.now));
}

}  // namespace chibo::fuzz
