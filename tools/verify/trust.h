#ifndef CHIBO_TOOLS_VERIFY_TRUST_H_
#define CHIBO_TOOLS_VERIFY_TRUST_H_

#include <map>
#include <optional>
#include <vector>

#include "tools/verify/gathered.h"

namespace chibo::verify {

// From the network id to every signature: the root sets that follow from it, the certificates that
// lead to the newest of them, the writers of streams, signed records and attestations. Whether
// something was revoked or counts is not asked here: only whether it was signed by whom it says.
class Trust {
 public:
  Trust(const Digest& network, const Gathered& gathered, Report& report)
      : network_(network), gathered_(gathered), report_(report) {}

  // Everything; problems and the number of certificates go to the report.
  void Check();

 private:
  enum class Verdict { kHolds, kIssuerMissing, kIssuerBad, kNotEntitled, kBadSignature };
  struct Certificate {
    pb::CertificateBody body;
    Bytes issuer;
    std::optional<Digest> key;
    std::vector<const Statement*> statements;
    Verdict verdict = Verdict::kIssuerMissing;
  };

  bool PartsUnread() const;
  void FindRoots();
  const Statement* RootAfter(const Statement* last) const;
  bool SignedByRoot(const pb::RootSetBody& root, const Statement& statement) const;
  void CollectCertificates();
  void JudgeCertificates();
  Verdict JudgeCertificate(const Certificate& certificate) const;
  // By its issuer, or by the newest root set where it names none.
  Verdict JudgeStatement(const Statement& statement);
  Verdict JudgeByIssuer(const Certificate& issuer, const Statement& statement) const;

  void ReportRoots();
  void ReportCertificates();
  void ReportWriters();
  void ReportStatements();
  void ReportAttestations();
  void Report(Verdict verdict, const Statement& statement);

  Digest network_;
  const Gathered& gathered_;
  verify::Report& report_;
  std::vector<const Statement*> roots_;  // the first, the one after it, …
  std::map<Digest, Certificate> certificates_;
  std::map<Digest, Verdict> judged_;  // statements by content: one stands in many streams
};

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_TRUST_H_
