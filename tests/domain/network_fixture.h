#ifndef CHIBO_TESTS_DOMAIN_NETWORK_FIXTURE_H_
#define CHIBO_TESTS_DOMAIN_NETWORK_FIXTURE_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/authority.h"
#include "domain/fact.h"
#include "proto/crypto.h"
#include "proto/entry.h"
#include "proto/merkle.h"

// A made-up network for tests, with real keys, hashes and signatures, the same for the same seed.
namespace chibo {

// Somebody with a key and the certificate for it.
struct Holder {
  UnitId unit;
  pb::Role role = pb::ROLE_NONE;
  SigningKey key;
  DhKey noise;
  PersonId person;  // PERSON only
  std::uint32_t depth = 0;
  CertificateId id;
  pb::Record record;  // the certificate
};

// A stream with all its branches and entries, written with the device's key.
class TestStream {
 public:
  TestStream(const NetworkId& network, const Holder& device, pb::EntryHeader genesis,
             const StreamSecrets& secrets);

  const StreamId& id() const { return id_; }
  const Holder& device() const { return device_; }
  std::uint64_t size(std::uint32_t branch = 0) const { return branches_[branch].leaves.size(); }
  Hash Root(std::uint64_t size, std::uint32_t branch = 0) const;
  pb::Point Point(std::uint64_t size, std::uint32_t branch = 0) const;
  pb::Point Point() const { return Point(size()); }

  // One entry. Reach: each kind's widest. Gives its facts, standing not judged.
  std::vector<Fact> Append(const std::vector<pb::Record>& records, std::uint32_t branch = 0,
                           std::uint32_t min_reader = 0);
  Fact Append(const pb::Record& record, std::uint32_t branch = 0);
  // A new branch that shares the first `at` entries with `from`, of which the last is its own; its
  // number.
  std::uint32_t Fork(std::uint64_t at, std::uint32_t from = 0);

  // As they travel: one entry of a branch, what opens it, and the device's signature over the first
  // `size`.
  const Entry& At(std::uint64_t index, std::uint32_t branch = 0) const;
  const StreamSecrets& secrets() const { return secrets_; }
  Signature Sign(std::uint64_t size, std::uint32_t branch = 0) const;

  // As held up to `size` of branch 0 (and, without a size, all branches whole).
  StreamState State() const;
  StreamState StateUpTo(std::uint64_t size) const;
  std::vector<Fact> Facts() const;
  // A Copy of the fact's record, with proof to a checkpoint of its branch at `size`.
  pb::Record Copy(const Fact& fact, std::uint64_t size) const;

 private:
  struct Branch {
    std::uint32_t parent = 0;
    std::uint64_t fork_at = 0;
    std::vector<Hash> leaves;
    std::vector<Entry> entries;
  };

  NetworkId network_;
  Holder device_;
  StreamSecrets secrets_;
  pb::EntryHeader genesis_;
  Bytes genesis_bytes_;
  StreamId id_;
  std::vector<Branch> branches_;
  std::vector<Fact> facts_;
};

// Facts in a list: FactSource for tests.
class FactList final : public FactSource {
 public:
  void Add(const Fact& fact) { facts_.push_back(fact); }
  void Add(const std::vector<Fact>& facts) {
    facts_.insert(facts_.end(), facts.begin(), facts.end());
  }
  const std::vector<Fact>& all() const { return facts_; }
  Result<std::vector<Fact>> FactsOf(const FactKey& key) const override;

 private:
  std::vector<Fact> facts_;
};

class TestNetwork {
 public:
  explicit TestNetwork(std::uint64_t seed = 1);

  const NetworkId& id() const { return id_; }
  const pb::Record& root_set() const { return root_set_; }
  Random& random() { return random_; }
  UnitId DrawUnit() { return random_.DrawFixed<UnitId>(); }
  PersonId DrawPerson() { return random_.DrawFixed<PersonId>(); }

  // Sets the issuer and signs; null: the root set.
  pb::Record Sign(pb::Record record, const Holder* issuer) const;
  // A certificate by `issuer` (null: the root set) for a fresh key.
  Holder Certify(const Holder* issuer, const UnitId& unit, pb::Role role,
                 const PersonId& person = {}, const std::vector<std::uint32_t>& kinds = {});
  pb::CertificateBody CertificateBody(const Holder* issuer, const UnitId& unit, pb::Role role,
                                      const SigningKey& key, const DhKey& noise) const;

  // Records, signed.
  pb::Record UnitRecord(const Holder* issuer, const UnitId& unit, const UnitId& parent,
                        const std::string& code, pb::UnitKind kind = pb::CELL,
                        std::uint32_t effective = 0) const;
  // Lists of points named besides, in order.
  pb::Record Revocation(const Holder* issuer, const CertificateId& certificate,
                        const std::vector<pb::Point>& kept,
                        const std::vector<pb::Record>& more = {}) const;
  pb::Record Adoption(const Holder* issuer, const TestStream& stream, std::uint64_t from,
                      std::uint64_t to, std::uint32_t branch = 0) const;
  pb::Record ForkRuling(const Holder* issuer, const pb::Point& chosen) const;
  pb::Record Move(const Holder* issuer, const UnitId& unit, const UnitId& parent,
                  const std::vector<pb::Point>& closed, const Hash& previous,
                  const std::vector<pb::Record>& more = {}) const;
  pb::Record Decision(const Holder* issuer, const UnitId& authority,
                      const pb::Subject& subject) const;
  pb::Record Register(const std::vector<pb::Point>& received) const;
  static pb::Record ListOf(const std::vector<pb::Point>& points);

  TestStream& OpenStream(const Holder& device, pb::StreamKind kind, const UnitId& other = {});
  const std::deque<TestStream>& streams() const { return streams_; }
  std::deque<TestStream>& streams() { return streams_; }
  // Roots of everything in this network.
  Authority::RootAt AllRoots() const;
  // An Authority that has seen all streams and all their authority records.
  Authority Everything() const;

 private:
  SeededRandom random_;
  std::vector<SigningKey> root_keys_;
  pb::Record root_set_;
  NetworkId id_;
  std::deque<TestStream> streams_;
};

// Province over district over two communes, each with a server and its streams; two cells below
// the first commune and one below the second, with a secretary's line each. All certificates and
// units stand where the product puts them.
struct TestProvince {
  struct Office {
    UnitId unit;
    std::optional<Holder> authority;
    std::optional<Holder> server;
    TestStream* line = nullptr;
    TestStream* down = nullptr;
    std::map<UnitId, TestStream*> to;
  };
  struct Cell {
    UnitId unit;
    std::optional<Holder> secretary;
    TestStream* line = nullptr;
  };

  explicit TestProvince(std::uint64_t seed = 1);

  // Certifies a unit below and publishes what belongs to it.
  void OpenOffice(Office& office, Office* superior, const std::string& code, pb::UnitKind kind);
  void OpenCell(Cell& cell, Office& superior, const std::string& code);

  TestNetwork network;
  Office province, district, commune_a, commune_b;
  Cell cell_1, cell_2, cell_3;
};

}  // namespace chibo

#endif  // CHIBO_TESTS_DOMAIN_NETWORK_FIXTURE_H_
