// FileDetails: what a report says of one file (documentation, appendix C). The id of the report
// and of the file are not part of it: the service gives them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "exchange/cybertip/parts.hpp"

namespace tutela::cybertip {

struct FileAnnotations {
  static constexpr std::string_view kName = "fileAnnotations";
  std::optional<Mark> anime_drawing_virtual_hentai;
  std::optional<Mark> potential_meme;
  std::optional<Mark> viral;
  std::optional<Mark> possible_self_production;
  std::optional<Mark> physical_harm;
  std::optional<Mark> violence_gore;
  std::optional<Mark> bestiality;
  std::optional<Mark> live_streaming;
  std::optional<Mark> infant;
  std::optional<Mark> generative_ai;

  static void fields(auto& self, auto& visit) {
    visit("animeDrawingVirtualHentai",
          self.anime_drawing_virtual_hentai,
          "Mark a drawing, cartoon, anime or virtual image.");
    visit("potentialMeme", self.potential_meme, "Mark what is shared without malicious intent.");
    visit("viral", self.viral, "Mark what circulates rapidly from one user to another.");
    visit("possibleSelfProduction",
          self.possible_self_production,
          "Mark what is believed to be self-produced.");
    visit("physicalHarm", self.physical_harm, "Mark an intentional act of physical injury.");
    visit("violenceGore", self.violence_gore, "Mark graphic violence.");
    visit("bestiality", self.bestiality, "Mark what involves an animal.");
    visit("liveStreaming", self.live_streaming, "Mark what was streamed live when uploaded.");
    visit("infant", self.infant, "Mark what depicts an infant.");
    visit("generativeAi", self.generative_ai, "Mark what is believed to be made by a model.");
  }
};

struct OriginalFileHash {
  static constexpr std::string_view kName = "originalFileHash";
  One<Text<64>> hash_type;
  One<LongText> text;

  static void fields(auto& self, auto& visit) {
    visit("@hashType", self.hash_type, "Say what kind of hash this is, such as MD5.");
    visit("#text", self.text, "Give the hash of the file as its user uploaded it.");
  }
};

struct NameValue {
  static constexpr std::string_view kName = "nameValuePair";
  One<Text<64>> name;
  One<LongText> value;

  static void fields(auto& self, auto& visit) {
    visit("name", self.name, "Give the name of this entry.");
    visit("value", self.value, "Give the value of this entry.");
  }
};

struct Details {
  static constexpr std::string_view kName = "details";
  std::optional<MetadataKind> kind;
  Some<NameValue> pairs;

  static void fields(auto& self, auto& visit) {
    visit("@type", self.kind, "Choose what kind of metadata this is.");
    visit("nameValuePair", self.pairs, "Give at least one entry of metadata.");
  }
};

struct FileDetails {
  static constexpr std::string_view kName = "fileDetails";
  static constexpr bool kMayBeEmpty = true;  // a file of which nothing more is known
  std::optional<Text<2056>> file_name;
  std::optional<Text<2056>> original_file_name;
  std::optional<Timestamp> uploaded_to_esp;
  std::optional<Url> location_of_file;
  std::optional<bool> file_viewed_by_esp;
  std::optional<bool> exif_viewed_by_esp;
  std::optional<bool> publicly_available;
  std::optional<FileRelevance> relevance;
  std::optional<bool> potential_meme;  // of the schema before there were annotations
  std::optional<FileAnnotations> annotations;
  std::optional<Classification> classification;
  std::vector<OriginalFileHash> original_hashes;
  std::optional<IpCaptureEvent> ip_capture;
  std::vector<DeviceId> device_ids;
  std::vector<Details> details;
  std::vector<LongText> additional_infos;

  static void fields(auto& self, auto& visit) {
    visit("fileName", self.file_name, "Give the name of the file as it is sent.");
    visit("originalFileName",
          self.original_file_name,
          "Give the name that the file had when its user uploaded it.");
    visit("uploadedToEspTimestamp", self.uploaded_to_esp, "Say when the user uploaded the file.");
    visit("locationOfFile", self.location_of_file, "Give the web address where the file was.");
    visit("fileViewedByEsp",
          self.file_viewed_by_esp,
          "Say whether a person of your company viewed the entire file.");
    visit("exifViewedByEsp",
          self.exif_viewed_by_esp,
          "Say whether a person of your company viewed the file's EXIF data.");
    visit("publiclyAvailable",
          self.publicly_available,
          "Say whether the entire file was accessible to the public.");
    visit("fileRelevance", self.relevance, "Choose whether the file is what is reported.");
    visit("potentialMeme",
          self.potential_meme,
          "Say whether it is shared without malicious intent; better by an annotation.");
    visit("fileAnnotations", self.annotations, "Mark what describes the file.");
    visit("industryClassification",
          self.classification,
          "Choose the class of the industry's scale, if your company takes part in it.");
    visit("originalFileHash",
          self.original_hashes,
          "Give the hashes of the file as its user uploaded it.");
    visit("ipCaptureEvent", self.ip_capture, "Give the IP address of the upload.");
    visit("deviceId", self.device_ids, "Give the devices that uploaded it.");
    visit("details", self.details, "Give the file's metadata.");
    visit("additionalInfo", self.additional_infos, "Say what fits nowhere else.");
  }
};

}  // namespace tutela::cybertip
