#include "tests/fuzz/node_seeds.h"

#include "node/enrolment.h"
#include "node/identity.h"
#include "node/net/control_message.h"
#include "proto/message_bytes.h"
#include "tests/fuzz/network.h"
#include "tests/proto/sample.h"

namespace chibo::fuzz {

Seeds InviteSeeds() {
  pb::Invite invite;
  invite.set_network(Bytes(sample::Network().view()));
  invite.set_network_name("Thanh Hóa");
  invite.set_unit(Bytes(16, 'u'));
  invite.set_parent(Bytes(16, 'p'));
  invite.set_parent_noise(Bytes(32, 'n'));
  invite.set_secret(Bytes(16, 's'));
  return {{"good", "chibo-invite-" + ToBase64(CanonicalBytes(invite)) + "\n"}};
}

Seeds KeyFileSeeds() {
  SeededRandom random(3);
  NewKeyOptions options;
  options.purpose = "device";
  options.device = options.data = true;
  const auto plain = MakeKey(options, random);
  options.passphrase = "mật khẩu";
  options.cost = kPassphraseCostLeast;
  const auto sealed = MakeKey(options, random);
  CHECK(plain.has_value() && sealed.has_value());
  return {{"plain", CanonicalBytes(plain->file)}, {"sealed", CanonicalBytes(sealed->file)}};
}

Seeds RequestSeeds() { return {{"approved", TheNetwork().request}}; }

Seeds GrantSeeds() { return {{"own", TheNetwork().grant}}; }

Seeds ActionSeeds() {
  return {
      {"member",
       R"({"member":{"person":"@new","name":"Hà Văn Páo","birth":"29/02/1980","admitted":20050519}})"},
      {"meeting",
       R"({"records":[{"meeting":{"kinds":["regular"],"start_ms":"05/11/2019 19:00","chair":)"
       R"("@person:Nguyễn Văn An|19800201","present":["@person:Phạm Thị Bình|19850610"]}},)"
       R"({"minutes":{"meeting":{"position":0},"text":"Việc làm đường."}}],"labels":["hop","bb"]})"},
      {"proposal",
       R"({"records":[{"proposal":{"subject":{"kind":"MEMBER","id":"@person:Phạm Thị Bình|19850610"},)"
       R"("period":"2019","grade":"GOOD","session":"@record:nghi"}}]})"}};
}

Seeds TypedValueSeeds() {
  return {
      {"day", "29/02/2020"}, {"iso", "2019-12-05T19:00:00+07:00"}, {"number", "20191205 19:00"}};
}

// Nothing damaged; the version in the header; the first page of tables.
Seeds StoreSeeds() {
  return {{"whole", Bytes("\0\0\0S", 4)},
          {"header", Bytes("\0\0\x12\7\0\0\x60\1", 8)},
          {"tables", Bytes("\0\0\x65\0\0\x10\3\xff\0\x20\x40\1", 12)}};
}

Seeds ControlSeeds() {
  ControlRequest request;
  request.words = {"record", "--dir", "CELL", "nov.jsonl"};
  request.language = "vi";
  request.passphrases = {{"", "mật khẩu"}};
  request.inputs = {{"nov.jsonl", "{}"}};
  ControlAnswer answer;
  answer.json = "{}";
  answer.lines = {"Đã ghi."};
  answer.files = {{"out.csv", "a,b"}};
  return {{"request", Encode(request)}, {"answer", Encode(answer)}};
}

Seeds WordSeeds() {
  return {{"record", "record\n--dir\nCELL\nnov.jsonl\n--json\n--passphrase-file\ndevice=p"},
          {"typed", "record\nleave\nperson=@person:An|19800201\nfrom=01/02/2019\n--sign-as\nS1"},
          {"serve", "serve\n--dir=DIST\n--listen\n[::1]:7400\n--parent\nhuyen.example:7300"},
          {"help", "unit\n--help\n--lang\nen"}};
}

Seeds DecisionLineSeeds() {
  return {
      {"decide",
       R"({"do":"decide","subject":"Nguyễn Văn An|19800201","grade":"GOOD","overrides":["R1"]})"},
      {"agreed", R"({"do":"decide_agreed","subjects":"member","phase":"1","date":20191220})"}};
}

Seeds ManifestSeeds() {
  return {{"two",
           R"({"format":"chibo-backup/0","unit":"cb01","files":[{"file":"chibo.db","bytes":9,)"
           R"("sha256":"00"},{"file":"keys/device.key","bytes":1,"sha256":"ff"}]})"}};
}

Seeds RosterSeeds() {
  return {
      {"commas",
       "Họ và tên,Ngày sinh,Giới tính,Dân tộc,Ngày vào Đảng,Ngày chính thức,Số thẻ,CCCD,Điện "
       "thoại,Chức vụ,Ghi chú\n"
       "Lê Thị Mai,09/01/1976,Nữ,Mường,03/02/2001,03/02/2002,00.000001,,,Bí thư,\n"
       "\"Trần, Văn Hòa\",1980-02-29,Nam,Kinh,2005-05-19,,,,,,\"hai\ndòng\"\n"},
      {"semicolons",
       "\xef\xbb\xbfNGÀY SINH;ho va ten;Ngày vào Đảng\r\n31/02/1990;Hà Văn Páo;03/02/2012\r\n"}};
}

}  // namespace chibo::fuzz
