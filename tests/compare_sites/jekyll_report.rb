# A plug-in for Jekyll: it writes what was made of each page to report.json, which is outside the site.
require "json"

module Report
  def self.add(item, path)
    site = item.site
    data = item.to_liquid
    date = item.respond_to?(:date) ? item.date : item.data["date"]
    date = Jekyll::Utils.parse_date(date.to_s) unless date.nil? || date.is_a?(Time)
    # It is the time of the build, or of the last change of a draft.
    date = nil if date == site.time || (date && date == File.mtime(site.in_source_dir(path)))
    (@pages ||= []) << {
      :path => path, :url => item.url, :title => data["title"].to_s,
      :date => date&.getutc&.strftime("%Y-%m-%dT%H:%M:%SZ"),
      :lang => data["lang"] || data["locale"] || site.config["lang"] || site.config["locale"],
    }
    File.write(File.join(site.dest, "..", "report.json"), JSON.generate(@pages))
  end
end

Jekyll::Hooks.register :documents, :post_write do |item|
  Report.add(item, item.path.delete_prefix("#{item.site.source}/"))
end
Jekyll::Hooks.register :pages, :post_write do |item|
  Report.add(item, item.relative_path)
end
