// The English catalogues as types: a key that is not there does not compile. Not in the bundle.
import common from "../locales/en/common.json";
import signin from "../locales/en/signin.json";
import queue from "../locales/en/queue.json";
import caseTexts from "../locales/en/case.json";
import appeals from "../locales/en/appeals.json";
import lists from "../locales/en/lists.json";
import audit from "../locales/en/audit.json";
import people from "../locales/en/people.json";
import settings from "../locales/en/settings.json";
import exposure from "../locales/en/exposure.json";
import overview from "../locales/en/overview.json";
import actions from "../locales/en/actions.json";
import support from "../locales/en/support.json";
import evidence from "../locales/en/evidence.json";
import coverage from "../locales/en/coverage.json";
import team from "../locales/en/team.json";

declare const resources: {
  common: typeof common;
  signin: typeof signin;
  queue: typeof queue;
  case: typeof caseTexts;
  appeals: typeof appeals;
  lists: typeof lists;
  audit: typeof audit;
  people: typeof people;
  settings: typeof settings;
  exposure: typeof exposure;
  overview: typeof overview;
  actions: typeof actions;
  support: typeof support;
  evidence: typeof evidence;
  coverage: typeof coverage;
  team: typeof team;
};
export default resources;
