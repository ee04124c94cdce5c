#include "tests/proto/sample.h"

#include <google/protobuf/text_format.h>

#include "proto/message_bytes.h"
#include "proto/signed_object.h"

namespace chibo::sample {
namespace {

// Ids are readable: 16 letters for a unit or person, 32 for a stream, certificate or hash.
constexpr const char* kRecords[] = {
    R"(root_set { body {
      version: 1 name: "Đảng bộ huyện Đông Sơn" threshold: 1
      keys { usage: SIGN algorithm: 1 key: "root-key-0000000000000000000001." }
      next: "hash-of-the-next-root-set......." random: "sixteen-randoms." } })",
    R"(unit { body {
      unit: "unit-cell-000003" code: "xa01-cb03" name: "Chi bộ thôn 3" kind: CELL
      parent: "unit-commune-001" effective: 20150315 decision_no: "12-QĐ/ĐU" type: "xã"
      committee: true issuer: "certificate-of-the-authority-001" } })",
    R"(unit_change { body {
      kind: MERGE from: "unit-cell-000003" from: "unit-cell-000004" into: "unit-cell-000005"
      parent: "unit-commune-001"
      name: "Chi bộ thôn 3 và 4" effective: 20191001 decision_no: "31-QĐ/ĐU"
      closed { stream: "stream-of-cell-3................" size: 812
               root: "root-of-cell-3.................." }
      previous: "digest-of-unit-record-of-cell-3." previous: "digest-of-unit-record-of-cell-4."
      hand_over: true may_finish: true
      members { unit: "unit-cell-000005" persons: "person-nguyen-an" persons: "person-tran-binh" }
      more: "digest-of-the-list-of-the-rest.."
      issuer: "certificate-of-the-authority-001" } })",
    R"(certificate { body {
      unit: "unit-cell-000003" role: SECRETARY
      keys { usage: SIGN algorithm: 1 key: "ed25519-key-of-the-device......." }
      keys { usage: NOISE algorithm: 2 key: "x25519-key-of-the-device........" }
      keys { usage: SEAL algorithm: 2 key: "x25519-key-for-sealed-boxes....." }
      kinds: 16 kinds: 21 issuer: "certificate-of-the-authority-001" depth: 2
      label: "Máy của bí thư" replaces: "certificate-of-the-old-laptop..." } })",
    R"(person_key {
      person: "person-nguyen-an"
      key { usage: SIGN algorithm: 1 key: "ed25519-key-of-nguyen-an........" }
      proof: "signature-by-that-key-over-itself-64-bytes......................" name: "Nguyễn Văn An" })",
    R"(revocation { body {
      certificate: "certificate-of-the-stolen-laptop"
      kept { stream: "stream-of-cell-3................" size: 812
             root: "root-of-cell-3.................." }
      reason: "Mất máy tính xách tay ngày 03/11/2019" issuer: "certificate-of-the-authority-001"
      more: "digest-of-the-list-of-the-rest.." } })",
    R"(adoption { body {
      stream: "stream-of-cell-3................" from: 812 to: 815
      root: "root-of-cell-3-at-815..........." reason: "Ghi trước khi biết máy bị mất"
      issuer: "certificate-of-the-authority-001" } })",
    R"(fork_ruling { body {
      stream: "stream-of-cell-3................"
      chosen { stream: "stream-of-cell-3................" size: 820
               root: "root-of-cell-3-at-820..........." }
      reason: "Nhánh kia từ bản sao lưu" issuer: "certificate-of-the-authority-001" } })",
    R"(register {
      received { stream: "stream-of-cell-3................" size: 815
                 root: "root-of-cell-3-at-815..........." }
      time_ms: 1575331200000 })",
    R"(member {
      person: "person-nguyen-an" name: "Nguyễn Văn An" birth: 19620519 gender: "Nam"
      ethnicity: "Kinh" admitted: 19850203 official: 19860203 card_no: "38.012345"
      citizen_id: "038062001234" phone: "0912 345 678" position: "Bí thư chi bộ"
      note: "Chuyển đến từ Chi bộ thôn 5\nnăm 2010" status: EXEMPT status_from: 20190101
      civil_servant: true supersedes { index: 14 position: 2 } })",
    R"(membership {
      person: "person-nguyen-an" unit: "unit-cell-000003" kind: TEMPORARY from: 20190301
      to: 20190901 supersedes { stream: "stream-of-cell-3................" index: 3 } })",
    R"(transfer {
      person: "person-tran-binh" kind: PERMANENT from: "unit-cell-000003" to: "unit-cell-000004"
      effective: 20190615 letter_no: "07-GT" issued: 20190601 presented: 20190620
      name: "Trần Thị Bình" birth: 19790820 })",
    R"(posting {
      person: "person-nguyen-an" place: "unit-leaders-001" title: "Chủ tịch UBND xã" head: true
      leadership: true from: 20160701 to: 20210630 decision_no: "445-QĐ/HU"
      managed_by: "unit-district-01" name: "Nguyễn Văn An" birth: 19620519
      home: "unit-cell-000003" reviewed_there: true })",
    R"(leave { person: "person-tran-binh" kind: MATERNITY from: 20190105 to: 20190705 })",
    R"(civil_servant_grade {
      person: "person-nguyen-an" period: "2019" grade: HTTNV agency: "UBND xã Đông Hoàng"
      document_no: "88/QĐ-UBND" })",
    R"(meeting {
      kinds: REGULAR kinds: REVIEW topics: "Kiểm điểm cuối năm" period: "2019"
      start_ms: 1575244800000 end_ms: 1575259200000 place: "Nhà văn hóa thôn 3"
      chair: "person-nguyen-an" minute_taker: "person-tran-binh" present: "person-nguyen-an"
      present: "person-tran-binh" excused { person: "person-le-cuong." reason: "Ốm" }
      unexcused { person: "person-pham-dung" } guests: "Đ/c Hoàng, Đảng ủy xã"
      unit: "unit-leaders-001" paper_ref: "Sổ biên bản 2, tr. 41" })",
    R"(minutes {
      meeting { index: 40 } text: "Chi bộ họp kiểm điểm.\nBí thư kết luận."
      items { title: "Kiểm điểm tập thể" presenter: "person-nguyen-an"
              speeches { person: "person-tran-binh" text: "Nhất trí" }
              conclusion: "Đề nghị hoàn thành tốt" vote: "7/8" }
      reserved { person: "person-pham-dung" text: "Bảo lưu ý kiến" } paper_ref: "tr. 42" })",
    R"(review_report {
      subject { kind: MEMBER id: "person-nguyen-an" } period: "2019" form: "2A" text: "Bản kiểm điểm"
      strengths: "Gương mẫu" shortcomings { text: "Chậm báo cáo" cause: "Chủ quan"
                                            responsible: "person-nguyen-an" }
      explanation: "Đã giải trình" remedied: "Đã khắc phục" plan: "Sửa trong quý I" self_grade: HTTNV
      signed: 20191125 paper_ref: "Hồ sơ 3" })",
    R"(opinion {
      about { kind: MEMBER id: "person-nguyen-an" } period: "2019" from: RESIDENCE
      from_unit: "unit-cell-000004" from_outside: "Chi bộ khu phố 2" by: "person-le-cuong."
      text: "Chấp hành tốt" rating: "Tốt" grade: HTTNV form_no: "03-213" external_ref: "15-CV/CB"
      received: 20191120 })",
    R"(vote_session {
      meeting { index: 40 } method: SECRET_BALLOT period: "2019"
      subjects { kind: MEMBER id: "person-nguyen-an" } subjects { kind: ORGANISATION id: "unit-cell-000003" }
      base { official: 11 away: 1 exempt_absent: 1 suspended: 1 excused_absent: 1 eligible: 7 present: 7 }
      tellers: "person-le-cuong." tellers: "person-tran-binh" chair: "person-nguyen-an"
      unit: "unit-leaders-001" })",
    R"(tally {
      session { position: 2 }
      rows { subject { kind: MEMBER id: "person-nguyen-an" } issued: 7 returned: 7 valid: 6 invalid: 1
             invalid_reason: "Gạch cả bốn mức" votes: [1, 5, 0, 0] } })",
    R"(tally_correction {
      tally { index: 41 position: 3 }
      rows { subject { kind: MEMBER id: "person-nguyen-an" } issued: 7 returned: 7 valid: 7
             votes: [2, 5, 0, 0] }
      base { official: 10 eligible: 8 present: 7 } reason: "Đếm lại phiếu" })",
    R"(proposal {
      place: "unit-leaders-001" subject { kind: MEMBER id: "person-nguyen-an" } period: "2019"
      grade: HTXSNV provisional: true basis { index: 41 position: 3 } note: "Theo kết quả bỏ phiếu"
      supersedes { index: 30 }
      rows { subject { kind: MEMBER id: "person-tran-binh" } grade: HTTNV provisional: true } })",
    R"(decision { body {
      authority: "unit-commune-001" number: "102-QĐ/ĐU" date: 20200110 period: "2019"
      rows { subject { kind: MEMBER id: "person-nguyen-an" } grade: HTTNV
             weighed { stream: "stream-of-cell-3................" index: 42 position: 1 }
             reason: "Theo nơi quản lý chức vụ cao nhất" overrides: "R51" }
      caps { group: "X1" graded: 20 good_or_better: 15 excellent: 3 cap: 3 }
      pack: "hash-of-the-rule-pack-P2019....." part: 1 parts: 2
      issuer: "certificate-of-the-authority-001" } })",
    R"(confirmation { body {
      decision: "digest-of-the-decision.........." subject { kind: MEMBER id: "person-nguyen-an" }
      period: "2019" weighed { stream: "stream-of-cell-4................" index: 9 }
      reason: "Ý kiến đến muộn không làm thay đổi" date: 20200120
      issuer: "certificate-of-the-authority-001" } })",
    R"(cancellation { body {
      decision: "digest-of-the-decision.........." subjects { kind: MEMBER id: "person-nguyen-an" }
      reason: "Phát hiện vi phạm" date: 20200301 issuer: "certificate-of-the-authority-001" } })",
    R"(regrade_order { body {
      subjects { kind: LEADERSHIP id: "unit-leaders-001" } period: "2019"
      reason: "Vượt tỷ lệ 20%" group: "X1" date: 20200105
      proposals { stream: "stream-of-cell-4................" index: 9 position: 1 }
      decisions: "digest-of-the-decision.........."
      issuer: "certificate-of-the-authority-001" } })",
    R"(duplicate_choice {
      canonical { index: 5 position: 1 } duplicates { index: 7 } persons: "person-nguyen-an"
      persons: "person-nguyen-a2" reason: "Nhập hai lần" supersedes { index: 8 } undone: true })",
    R"(return { body {
      records { stream: "stream-of-cell-3................" index: 42 } reason: "Thiếu chữ ký tổ kiểm phiếu"
      date: 20191215 issuer: "certificate-of-the-authority-001" } })",
    R"(waiver { body {
      rule: "R51" subject { kind: ORGANISATION id: "unit-cell-000003" } period: "2019"
      reason: "Nhóm dưới 5 đơn vị" date: 20200108 issuer: "certificate-of-the-authority-001" } })",
    R"(attestation {
      positions: [1, 2] contents: "digest-of-a-record-elsewhere...."
      attestors { person: "person-nguyen-an" act: TALLY_CHAIR
                  signature: "signature-over-the-digests-64-bytes............................." } })",
    R"(rule_pack { body {
      id: "P2019" name: "Hướng dẫn xếp loại năm 2019" base: "hash-of-the-national-rule-pack.."
      periods: "2019" periods: "2019-Q4" periods: "2015-2020"
      parameters { name: "excellent_cap_percent" value: "20" verified: true source: "HD 21-HD/BTCTW" }
      issuer: "certificate-of-the-authority-001" } })",
    R"(peer_group { body {
      id: "X1" name: "Xã, thị trấn – cụm thi đua số 1" period: "2019"
      subjects { kind: ORGANISATION id: "unit-cell-000003" } owner: "unit-district-01"
      issuer: "certificate-of-the-authority-001" } })",
    R"(copy {
      stream: "stream-of-cell-3................" index: 12 position: 1 header: "\012\002\121\040"
      commitments: "commitment-of-record-0.........."
      commitments: "commitment-of-record-1.........." payload: "payload" salt: "salt-16-bytes..."
      proof: "hash-of-the-sibling............." size: 13
      signature: "signature-of-the-checkpoint-64-bytes............................"
      genesis: "genesis-header" })",
    R"(sealed_text {
      stream: "stream-of-cell-3................"
      secrets { key_id: "key-id-8" box: "ephemeral-key-32-bytes..........tag-16-bytes....secret-of-the-stream-32-bytes..." }
      payloads { index: 12 position: 1 commitment: "commitment-of-record-1.........."
        box: "nonce-of-24-bytes.......payload-and-tag-16-bytes" } })",
    R"(point_list {
      points { stream: "stream-of-cell-4................" size: 41
               root: "root-of-cell-4-at-41............" } })",
};

// Fields that stand in place of others.
constexpr const char* kOtherRecords[] = {
    R"(certificate { body {
      unit: "unit-cell-000003" role: PERSON
      keys { usage: SIGN algorithm: 1 key: "ed25519-key-of-nguyen-an........" } depth: 1
      person: "person-nguyen-an" label: "Nguyễn Văn An" } })",
    R"(transfer {
      person: "person-tran-binh" kind: PERMANENT from: "unit-cell-000003"
      outside: "Đảng bộ tỉnh Nghệ An" effective: 20190615 })",
    R"(posting {
      person: "person-nguyen-an" outside: "Hội Cựu chiến binh tỉnh" title: "Ủy viên" from: 20160701 })",
};

pb::Record Parsed(const char* text) {
  pb::Record record;
  CHECK(google::protobuf::TextFormat::ParseFromString(text, &record));
  if (!TraitsOf(static_cast<std::uint32_t>(record.body_case()))->object.empty()) {
    AddSignature(Network(), AuthorityKey(), record);
  }
  return record;
}

SecretKey SeedOf(char letter) { return *SecretKey::From(Bytes(32, letter)); }

}  // namespace

NetworkId Network() { return *NetworkId::From("network-id-......32-bytes......."); }

const SigningKey& DeviceKey() {
  static const SigningKey kKey(SeedOf('d'));
  return kKey;
}

const SigningKey& AuthorityKey() {
  static const SigningKey kKey(SeedOf('a'));
  return kKey;
}

StreamSecrets Secrets() {
  return {StreamSecret::From(Bytes(32, 'A')), StreamSecret::From(Bytes(32, 'P'))};
}

std::vector<pb::Record> Records() {
  std::vector<pb::Record> records;
  for (const char* text : kRecords) {
    records.push_back(Parsed(text));
  }
  return records;
}

std::vector<pb::Record> OtherRecords() {
  std::vector<pb::Record> records;
  for (const char* text : kOtherRecords) {
    records.push_back(Parsed(text));
  }
  return records;
}

pb::Record RecordOf(Kind kind) { return Records().at(static_cast<std::size_t>(kind) - 1); }

pb::EntryHeader GenesisHeader() {
  pb::EntryHeader header;
  header.set_claimed_s(-1);
  header.set_boot("boot-8..");
  pb::Genesis& genesis = *header.mutable_genesis();
  genesis.set_network(Bytes(Network().view()));
  genesis.set_device(Bytes(DeviceKey().public_key().view()));
  genesis.set_certificate(CanonicalBytes(RecordOf(Kind::kCertificate).certificate()));
  genesis.set_kind(pb::TO);
  genesis.set_unit("unit-commune-001");
  genesis.set_other("unit-cell-000003");
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    const auto secret = *Secrets()[static_cast<std::size_t>(reach)];
    genesis.add_salts(Bytes(SecretCommitment(reach, secret).view()));
  }
  genesis.mutable_predecessor()->set_stream("stream-before-this-one..........");
  genesis.mutable_predecessor()->set_size(7);
  genesis.mutable_predecessor()->set_root("root-of-the-stream-before-at-7..");
  genesis.set_follows(pb::UNPROVEN_RESTART);
  genesis.set_incarnation("incarnation-16..");
  genesis.set_to_superior("unit-commune-001");
  genesis.set_superior("unit-district-01");
  return header;
}

StreamId Stream() {
  static const StreamId kStream = StreamIdOf(CanonicalBytes(GenesisHeader()));
  return kStream;
}

pb::EntryHeader HeaderOf(std::int64_t claimed_s) {
  pb::EntryHeader header;
  header.set_claimed_s(claimed_s);
  header.set_pack("hash-of-the-rule-pack-P2019.....");
  header.mutable_register_()->set_stream("register");
  header.mutable_register_()->set_index(300);
  header.set_min_reader(1);
  header.set_boot("boot-8..");
  return header;
}

Entry MeetingEntry() {
  const std::vector<pb::Record> records = {RecordOf(Kind::kMeeting), RecordOf(Kind::kMinutes),
                                           RecordOf(Kind::kTally)};
  auto entry = MakeEntry(Stream(), 1, HeaderOf(-30'000'000), records,
                         {pb::ALL, pb::PARENT, pb::PARENT}, Secrets());
  CHECK(entry.has_value());
  return *std::move(entry);
}

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  CHECK(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace chibo::sample
