// Makes the dictionary that chunks are packed with (sync/dictionary/README.md):
//
//   train_dictionary sync/dictionary/corpus/*.txt > sync/dictionary/1.dict
//
// Its content is the corpus, folded as chunks fold it, and the structure of invented records of
// every kind; its statistics come from packing one half of that against the other. The same files
// give the same bytes with the same zstd.
#include <zdict.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "proto/crypto.h"
#include "proto/entry.h"
#include "sync/columns.h"
#include "sync/text_fold.h"

namespace chibo {
namespace {

constexpr int kLevel = 19;
// zstd leaves numbers from here to 2^31 to private use.
constexpr unsigned kPrivateId = 32768;
constexpr unsigned kNumber = 1;
// A sample is about as long as a meeting's minutes.
constexpr std::size_t kLinesOfSample = 12;
constexpr std::int64_t kSomeTime = 1'575'342'000'000;  // 3 December 2019

// Invented records as a cell and its superiors write them, so that their structure is known
// beforehand.
class Invented {
 public:
  Invented() : random_(2019) {
    for (auto& secret : secrets_) {
      secret = random_.DrawFixed<StreamSecret>();
    }
    for (int i = 0; i < 4; ++i) {
      people_.push_back(random_.Draw(16));
    }
  }

  Bytes Structure() {
    AddUnit();
    AddMembers();
    AddRegister();
    for (int i = 0; i < 2; ++i) {
      AddMeeting();
      AddReview(people_[static_cast<std::size_t>(i)]);
      AddVote();
      AddDecision();
    }
    const auto columns = LayOut(entries_);
    CHECK(columns.has_value());
    return columns->structure;
  }

 private:
  void Finish() {
    pb::EntryHeader header;
    claimed_s_ += 86'400 * 9 + 1234;
    header.set_claimed_s(claimed_s_);
    if (entries_.size() % 5 == 1) {
      header.mutable_register_()->set_stream(random_.Draw(8));
      header.mutable_register_()->set_index(40);
    }
    std::vector<pb::Reach> reaches;
    for (const pb::Record& record : records_) {
      reaches.push_back(TraitsOf(record.body_case())->reach);
    }
    const auto entry = MakeEntry(stream_, entries_.size() + 1, header, records_, reaches, secrets_);
    CHECK(entry.has_value());
    entries_.push_back({entry->header, EncodeBody(*entry)});
    records_.clear();
  }

  pb::Record& Add() { return records_.emplace_back(); }
  static Bytes Text(std::size_t size) { return Bytes(size, 'a'); }

  void Sign(google::protobuf::RepeatedPtrField<pb::Sig>& signatures) {
    pb::Sig& signature = *signatures.Add();
    signature.set_algorithm(1);
    signature.set_key_id(random_.Draw(8));
    signature.set_signature(random_.Draw(64));
  }

  void AddKey(pb::Key& key) {
    key.set_usage(pb::SIGN);
    key.set_algorithm(1);
    key.set_key(random_.Draw(32));
  }

  void AddUnit() {
    auto& unit = *Add().mutable_unit();
    unit.mutable_body()->set_unit(people_[0]);
    unit.mutable_body()->set_name(Text(24));
    Sign(*unit.mutable_signatures());
    auto& certificate = *Add().mutable_certificate();
    certificate.mutable_body()->set_unit(people_[0]);
    certificate.mutable_body()->set_role(pb::SECRETARY);
    AddKey(*certificate.mutable_body()->add_keys());
    AddKey(*certificate.mutable_body()->add_keys());
    certificate.mutable_body()->set_issuer(random_.Draw(32));
    certificate.mutable_body()->set_depth(3);
    Sign(*certificate.mutable_signatures());
    auto& person_key = *Add().mutable_person_key();
    person_key.set_person(people_[1]);
    AddKey(*person_key.mutable_key());
    person_key.set_proof(random_.Draw(64));
    person_key.set_name(Text(18));
    Finish();
  }

  void AddMembers() {
    for (const Bytes& person : people_) {
      auto& member = *Add().mutable_member();
      member.set_person(person);
      member.set_name(Text(20));
      member.set_birth(19700512);
      member.set_gender("Nam");
      member.set_ethnicity("Kinh");
      member.set_admitted(20020903);
      member.set_official(20030903);
      member.set_card_no("51.012345");
      member.set_position("Đảng viên");
      auto& membership = *Add().mutable_membership();
      membership.set_person(person);
      membership.set_unit(people_[0]);
      membership.set_from(20150101);
    }
    Finish();
  }

  void AddRegister() {
    auto& entry = *Add().mutable_register_();
    for (int i = 0; i < 3; ++i) {
      auto& point = *entry.add_received();
      point.set_stream(random_.Draw(32));
      point.set_size(12);
      point.set_root(random_.Draw(32));
    }
    Finish();
  }

  void AddMeeting() {
    auto& meeting = *Add().mutable_meeting();
    meeting.add_kinds(pb::REGULAR);
    meeting.set_period("2019");
    meeting.set_start_ms(kSomeTime);
    meeting.set_end_ms(kSomeTime + 7'200'000);
    meeting.set_place(Text(18));
    meeting.set_chair(people_[0]);
    meeting.set_minute_taker(people_[1]);
    for (const Bytes& person : people_) {
      meeting.add_present(person);
    }
    auto& absent = *meeting.add_excused();
    absent.set_person(people_[3]);
    absent.set_reason("ốm");
    auto& minutes = *Add().mutable_minutes();
    minutes.mutable_meeting();
    minutes.set_text(Text(1800));
    AddAttestation(pb::MINUTES_CHAIR);
    Finish();
  }

  void AddAttestation(pb::Act act) {
    auto& attestation = *Add().mutable_attestation();
    attestation.add_positions(0);
    attestation.add_positions(1);
    for (std::size_t i = 0; i < 2; ++i) {
      auto& attestor = *attestation.add_attestors();
      attestor.set_person(people_[i]);
      attestor.set_act(act);
      attestor.set_signature(random_.Draw(64));
    }
  }

  void AddReview(const Bytes& person) {
    auto& review = *Add().mutable_review_report();
    review.mutable_subject()->set_id(person);
    review.set_period("2019");
    review.set_form("2A");
    review.set_text(Text(1500));
    review.set_self_grade(pb::HTTNV);
    review.set_signed_(20191201);
    for (const Bytes& by : people_) {
      auto& opinion = *Add().mutable_opinion();
      opinion.mutable_about()->set_id(person);
      opinion.set_period("2019");
      opinion.set_from(pb::COLLEAGUE);
      opinion.set_by(by);
      opinion.set_text(Text(200));
    }
    Finish();
  }

  void AddVote() {
    auto& session = *Add().mutable_vote_session();
    session.mutable_meeting();
    session.set_method(pb::SECRET_BALLOT);
    session.set_period("2019");
    auto& tally = *Add().mutable_tally();
    for (const Bytes& person : people_) {
      session.add_subjects()->set_id(person);
      auto& row = *tally.add_rows();
      row.mutable_subject()->set_id(person);
      row.set_issued(21);
      row.set_returned(21);
      row.set_valid(21);
      for (const unsigned votes : {4U, 15U, 2U, 0U}) {
        row.add_votes(votes);
      }
      auto& proposal = *Add().mutable_proposal();
      proposal.mutable_subject()->set_id(person);
      proposal.set_period("2019");
      proposal.set_grade(pb::HTTNV);
      proposal.add_basis()->set_position(1);
    }
    session.mutable_base()->set_official(21);
    session.mutable_base()->set_eligible(21);
    session.mutable_base()->set_present(21);
    session.add_tellers(people_[2]);
    session.set_chair(people_[0]);
    AddAttestation(pb::TALLY_TELLER);
    Finish();
  }

  void AddDecision() {
    auto& decision = *Add().mutable_decision();
    auto& body = *decision.mutable_body();
    body.set_authority(people_[0]);
    body.set_number("125-QĐ/HU");
    body.set_date(20191220);
    body.set_period("2019");
    for (const Bytes& person : people_) {
      auto& row = *body.add_rows();
      row.mutable_subject()->set_id(person);
      row.set_grade(pb::HTTNV);
      auto& weighed = *row.add_weighed();
      weighed.set_stream(people_[0] + people_[1]);
      weighed.set_index(20);
      weighed.set_position(2);
    }
    body.set_issuer(people_[0] + people_[1]);
    Sign(*decision.mutable_signatures());
    Finish();
  }

  SeededRandom random_;
  StreamSecrets secrets_;
  StreamId stream_;
  std::vector<Bytes> people_;
  std::int64_t claimed_s_ = -2'000'000;
  std::vector<pb::Record> records_;
  std::vector<EntryBytes> entries_;
};

std::vector<Bytes> FoldedLines(const std::vector<std::string>& paths) {
  std::vector<Bytes> lines;
  for (const std::string& path : paths) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
      const auto folded = FoldText(line + '\n');
      if (!folded) {
        std::cerr << path << ": not text: " << line << '\n';
        std::exit(2);
      }
      lines.push_back(*folded);
    }
  }
  return lines;
}

Bytes Finalize(ByteView content, const std::vector<Bytes>& samples) {
  Bytes all;
  std::vector<std::size_t> sizes;
  for (const Bytes& sample : samples) {
    all += sample;
    sizes.push_back(sample.size());
  }
  ZDICT_params_t parameters{};
  parameters.compressionLevel = kLevel;
  parameters.dictID = kPrivateId + kNumber;
  Bytes dictionary(content.size() + 16 * 1024, '\0');
  const std::size_t size = ZDICT_finalizeDictionary(
      dictionary.data(), dictionary.size(), content.data(), content.size(), all.data(),
      sizes.data(), static_cast<unsigned>(sizes.size()), parameters);
  if (ZDICT_isError(size) != 0) {
    std::cerr << ZDICT_getErrorName(size) << '\n';
    std::exit(2);
  }
  dictionary.resize(size);
  return dictionary;
}

// The statistics of text that the dictionary has not seen: one half packed against the other.
// Packed against itself all would be one long match.
Bytes Statistics(const std::vector<Bytes>& lines) {
  Bytes half;
  std::vector<Bytes> samples;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i % 2 == 0) {
      half += lines[i];
    } else if (i / 2 % kLinesOfSample == 0) {
      samples.push_back(lines[i]);
    } else {
      samples.back() += lines[i];
    }
  }
  const Bytes dictionary = Finalize(half, samples);
  return dictionary.substr(0, ZDICT_getDictHeaderSize(dictionary.data(), dictionary.size()));
}

int Train(const std::vector<std::string>& paths) {
  InitCrypto();
  const std::vector<Bytes> lines = FoldedLines(paths);
  Bytes dictionary = Statistics(lines);
  dictionary += Invented().Structure();
  for (const Bytes& line : lines) {
    dictionary += line;
  }
  std::cout.write(dictionary.data(), static_cast<std::streamsize>(dictionary.size()));
  return std::cout.flush() ? 0 : 6;
}

}  // namespace
}  // namespace chibo

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "train_dictionary CORPUS.txt... > DICTIONARY\n";
    return 1;
  }
  return chibo::Train(std::vector<std::string>(argv + 1, argv + argc));
}
