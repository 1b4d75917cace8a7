#include "service/http/intake_page.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "service/http/problem.hpp"
#include "service/intake/intake.hpp"
#include "service/intake_page/files.hpp"
#include "service/intake_page/language.hpp"

namespace tutela::http {

using intake_page::FormKind;
using intake_page::Visit;

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types tutela";

Visit visit_at(const App& app, const Request& request, std::string_view path) {
  return visit_of(app, request, request.query_value("lang").value_or(""), path);
}

void protect(Response& response) {
  for (const auto& [name, value] : std::to_array<std::pair<std::string_view, std::string_view>>(
           {{"Content-Security-Policy", kPolicy},
            {"Referrer-Policy", "no-referrer"},
            {"Cross-Origin-Opener-Policy", "same-origin"},
            {"Cross-Origin-Resource-Policy", "same-origin"},
            {"Permissions-Policy",
             "camera=(), clipboard-read=(), display-capture=(), geolocation=(), microphone=(), "
             "payment=(), usb=()"},
            {"Cache-Control", "no-store"},
            {"Vary", "Accept-Language"}})) {
    response.headers.emplace_back(name, value);
  }
}

Response form_page(App& app, const Request& request, FormKind kind, std::string_view path) {
  return page_response(app.site->form(visit_at(app, request, path), kind, {}), request);
}

/// What number and PIN lead to, by a form.
template <class Do>
Response with_pin(App& app, const Request& request, std::string_view done, const Do& work) {
  const auto fields = intake_page::parse_urlencoded(request.body);
  if (!fields) {
    return problem(fields.error(), request.id);
  }
  const Visit visit = visit_of(app, request, fields->get("lang"), "/follow?");
  const std::string_view number = fields->get("number");
  const std::string_view pin = fields->get("pin");
  intake_page::FollowedMore more{.pin = std::string(pin), .done = std::string(done)};
  auto followed = work(number, pin);
  if (!followed && followed.error().code == "notice.over") {
    more.error = followed.error().code;
    more.done.clear();
    followed = app.intake->notices().follow(number, pin);
  }
  if (!followed && followed.error().kind == ErrorKind::kNotFound) {
    return page_response(app.site->follow(visit, number, followed.error().code), request, 404);
  }
  return followed ? page_response(app.site->state(visit, *followed, more), request)
                  : problem(followed.error(), request.id);
}

}  // namespace

store::Actor page_actor() {
  return {.principal_id = "public:page", .role = "public"};
}

Visit visit_of(const App& app,
               const Request& request,
               std::string_view asked,
               std::string_view path) {
  Visit visit;
  visit.language = intake_page::language_of(asked, request.accept_language);
  visit.path = path;
  visit.country = intake_page::country_of(request.accept_language);
  visit.now_ms = app.clock.now_ms();
  visit.config = app.settings.get();
  return visit;
}

Response page_response(const Result<std::string>& html, const Request& request, int status) {
  if (!html) {
    return problem(html.error(), request.id);
  }
  Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = *html;
  protect(response);
  return response;
}

Response failure_page(App& app, const Request& request, const Response& of) {
  const Visit visit = visit_of(app, request, request.query_value("lang").value_or(""), "/?");
  Response page =
      page_response(app.site->failure(visit, of.status, of.error.code), request, of.status);
  page.error = of.error;
  for (const auto& [name, value] : of.headers) {
    page.headers.emplace_back(name, value);
  }
  return page;
}

Result<std::vector<intake_page::KeptPromise>> kept_promises(App& app) {
  const intake::Rules rules = intake_service::rules_of(app.settings.get()->intake);
  TUTELA_TRY_ASSIGN(const auto found,
                    app.intake->notices().kept(store::Actor().tenant_id, kPromiseDays));
  std::vector<intake_page::KeptPromise> all;
  for (const intake::Queue queue : intake::kQueues) {
    const auto kept = std::ranges::find(found, queue, &intake::Kept::queue);
    if (kept == found.end() && queue == intake::Queue::kFlood) {
      continue;
    }
    intake::Kept none;
    none.queue = queue;
    all.push_back(
        {kept == found.end() ? none : *kept, rules.promises.ms[static_cast<std::size_t>(queue)]});
  }
  return all;
}

Response get_report_page_form(App& app, const Request& request) {
  return form_page(app, request, FormKind::kReport, "/?");
}

Response get_law_page(App& app, const Request& request) {
  return form_page(app, request, FormKind::kLaw, "/law?");
}

Response get_research_page(App& app, const Request& request) {
  return form_page(app, request, FormKind::kResearch, "/research?");
}

Response get_follow_page(App& app, const Request& request) {
  return page_response(app.site->follow(visit_at(app, request, "/follow?"), ""), request);
}

Response post_follow_page(App& app, const Request& request) {
  return with_pin(app, request, "", [&](std::string_view number, std::string_view pin) {
    return app.intake->notices().follow(number, pin);
  });
}

Response post_withdraw_page(App& app, const Request& request) {
  return with_pin(
      app, request, "withdraw.done", [&](std::string_view number, std::string_view pin) {
        return app.intake->notices().withdraw(number, pin);
      });
}

Response get_help_page(App& app, const Request& request) {
  Visit visit = visit_at(app, request, "/help?");
  const auto all = app.site->help();
  const auto asked = request.query_value("country");
  std::string country;
  if (asked && all->find(*asked) != nullptr) {
    country = *asked;
  } else if (!asked) {
    for (const std::string& likely : {visit.config->intake.country, visit.country}) {
      country = country.empty() && all->find(likely) != nullptr ? likely : country;
    }
  }
  visit.path += "country=" + country + "&";
  return page_response(app.site->help_page(visit, country), request);
}

Response get_guidance_page(App& app, const Request& request) {
  return page_response(app.site->guidance(visit_at(app, request, "/guidance?")), request);
}

Response get_guide_page(App& app, const Request& request) {
  const std::string_view name = request.parameter("name");
  if (std::ranges::find(intake_page::kGuides, name) == intake_page::kGuides.end()) {
    return problem({ErrorKind::kNotFound, "request.no_such_path", "there is nothing at this path"},
                   request.id);
  }
  const Visit visit = visit_at(app, request, "/guidance/" + std::string(name) + "?");
  return page_response(app.site->guide(visit, name), request);
}

Response get_promises_page(App& app, const Request& request) {
  const auto kept = kept_promises(app);
  if (!kept) {
    return problem(kept.error(), request.id);
  }
  const Visit visit = visit_at(app, request, "/promises?");
  return page_response(app.site->promises(visit, *kept, kPromiseDays), request);
}

Response get_page_file(App& /*app*/, const Request& request) {
  const std::string_view name = std::string_view(request.path).substr(1);
  Response response;
  response.content_type =
      name.ends_with(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
  response.body = intake_page::bytes_of(name);
  protect(response);
  return response;
}

}  // namespace tutela::http
