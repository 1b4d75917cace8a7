// Files of a report from the vault process: they pass through this process in pieces.
#include <algorithm>
#include <utility>

#include "service/reporting/filer.hpp"

namespace tutela::reporting {

namespace {

class FromVault final : public authorities::Source {
 public:
  explicit FromVault(vault_client::Stream stream) : stream_(std::move(stream)) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    while (at_ == piece_.size()) {
      TUTELA_TRY_ASSIGN(std::optional<Bytes> next, stream_.next());
      if (!next) {
        return std::size_t{0};
      }
      piece_ = *std::move(next);
      at_ = 0;
    }
    const std::size_t size = std::min(out.size(), piece_.size() - at_);
    std::copy_n(piece_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }

 private:
  vault_client::Stream stream_;
  Bytes piece_;
  std::size_t at_ = 0;
};

}  // namespace

OpenEvidence evidence_of(const vault_client::Client& vault) {
  return [&vault](const reports::Leased& leased,
                  std::int64_t file) -> Result<std::unique_ptr<authorities::Source>> {
    TUTELA_TRY_ASSIGN(vault_client::Stream stream,
                      vault.report_file(leased.of.tenant_id, leased.of.id, leased.lease, file));
    return std::unique_ptr<authorities::Source>(std::make_unique<FromVault>(std::move(stream)));
  };
}

}  // namespace tutela::reporting
