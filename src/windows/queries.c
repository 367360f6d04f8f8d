/*
 * queries.c - what is asked of an endpoint, and what becomes of it.
 *
 * CIM classes as Microsoft documents them (CIMWin32 provider, registry
 * provider, Security Center); all of it is read.  Win32_Product is not used:
 * it makes Windows check, and perhaps repair, every program it lists.
 */
#include <string.h>

#include "windows.h"

#define CIMV2 "root/cimv2"
#define UNINSTALL "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"
#define UNINSTALL_32                                                \
	"SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion" \
	"\\Uninstall"
#define ITEMS(...)                                           \
	sizeof((struct windows_template[]){ __VA_ARGS__ }) / \
	    sizeof(struct windows_template),                 \
	{                                                    \
		__VA_ARGS__                                  \
	}
#define ITEM(kind, name, value, detail)                          \
	{                                                        \
		WINDOWS_##kind, TRAIT_COUNT, name, value, detail \
	}
#define ITEM_OF(kind, trait, name, value, detail)                  \
	{                                                          \
		WINDOWS_##kind, TRAIT_##trait, name, value, detail \
	}

const struct windows_query windows_queries[] = {
	{ "Win32_OperatingSystem", BY_WQL, CIMV2,
	    "SELECT Caption,Version,BuildNumber,CSDVersion,OSArchitecture,"
	    "InstallDate,LastBootUpTime FROM Win32_OperatingSystem",
	    { NULL }, false, false, "edition, version, build, service pack",
	    ITEMS(ITEM_OF(OS, OS, "edition", "{Caption}", "{OSArchitecture}"),
		ITEM(OS, "version", "{Version}", "installed {InstallDate}"),
		ITEM(OS, "build", "{BuildNumber}", "started {LastBootUpTime}"),
		ITEM(OS, "service pack", "{CSDVersion}", "")) },
	{ "UBR", BY_NUMBER, NULL,
	    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", { "UBR" }, false,
	    true, "revision of the build, which each monthly update raises",
	    ITEMS(ITEM(OS, "revision", "{UBR}", "")) },
	{ "Win32_ComputerSystem", BY_WQL, CIMV2,
	    "SELECT Name,Domain,PartOfDomain,Manufacturer,Model,"
	    "NumberOfLogicalProcessors,TotalPhysicalMemory,UserName "
	    "FROM Win32_ComputerSystem",
	    { NULL }, false, false, "name, maker, model, memory, user",
	    ITEMS(ITEM_OF(HARDWARE, NAME, "name", "{Name}", ""),
		ITEM_OF(HARDWARE, DOMAIN, "domain", "{Domain}", ""),
		ITEM_OF(HARDWARE, VENDOR, "maker", "{Manufacturer}", ""),
		ITEM_OF(HARDWARE, MODEL, "model", "{Model}", ""),
		ITEM(HARDWARE, "memory", "{TotalPhysicalMemory}", "bytes"),
		ITEM(HARDWARE, "processors", "{NumberOfLogicalProcessors}", ""),
		ITEM_OF(USER, USER, "{UserName}", "",
		    "signed in at the machine")) },
	{ "Win32_BIOS", BY_WQL, CIMV2,
	    "SELECT Manufacturer,SMBIOSBIOSVersion,SerialNumber FROM "
	    "Win32_BIOS",
	    { NULL }, false, false, "serial number, firmware",
	    ITEMS(ITEM_OF(HARDWARE, SERIAL, "serial number", "{SerialNumber}",
		      ""),
		ITEM_OF(HARDWARE, FIRMWARE, "firmware", "{SMBIOSBIOSVersion}",
		    "{Manufacturer}")) },
	{ "Win32_Processor", BY_WQL, CIMV2,
	    "SELECT DeviceID,Name FROM Win32_Processor", { NULL }, false, false,
	    "processor",
	    ITEMS(ITEM(HARDWARE, "processor {DeviceID}", "{Name}", "")) },
	{ "Win32_LogicalDisk", BY_WQL, CIMV2,
	    "SELECT DeviceID,FileSystem,Size,FreeSpace FROM Win32_LogicalDisk "
	    "WHERE DriveType=3",
	    { NULL }, false, false, "disks",
	    ITEMS(ITEM(HARDWARE, "disk {DeviceID}", "{Size}",
		"bytes, {FreeSpace} free, {FileSystem}")) },
	{ "Win32_NetworkAdapterConfiguration", BY_WQL, CIMV2,
	    "SELECT Description,MACAddress,IPAddress FROM "
	    "Win32_NetworkAdapterConfiguration WHERE IPEnabled=TRUE",
	    { NULL }, false, false, "network cards",
	    ITEMS(ITEM_OF(ADDRESS, ADDRESS, "{MACAddress}", "{IPAddress}",
		"{Description}")) },
	{ "Win32_QuickFixEngineering", BY_WQL, CIMV2,
	    "SELECT HotFixID,Description,InstalledOn FROM "
	    "Win32_QuickFixEngineering",
	    { NULL }, false, false, "updates",
	    ITEMS(
		ITEM(UPDATE, "{HotFixID}", "{InstalledOn}", "{Description}")) },
	{ "Win32_Service", BY_WQL, CIMV2,
	    "SELECT Name,DisplayName,State,StartMode,StartName,PathName FROM "
	    "Win32_Service",
	    { NULL }, false, false, "services",
	    ITEMS(
		ITEM(SERVICE, "{Name}", "{StartMode}, {StartName}: {PathName}",
		    "{State}: {DisplayName}")) },
	{ "Win32_UserProfile", BY_WQL, CIMV2,
	    "SELECT LocalPath,SID,Loaded,LastUseTime FROM Win32_UserProfile "
	    "WHERE Special=FALSE",
	    { NULL }, false, true, "who is or was signed in",
	    ITEMS(ITEM(USER, "{LocalPath}", "{SID}",
		"signed in: {Loaded}, last {LastUseTime}")) },
	{ "AntiVirusProduct", BY_WQL, "root/SecurityCenter2",
	    "SELECT displayName,productState,timestamp FROM AntiVirusProduct",
	    { NULL }, false, true, "antivirus; not on servers",
	    ITEMS(ITEM(ANTIVIRUS, "{displayName}", "{productState}",
		"as of {timestamp}")) },
	{ "MSFT_MpComputerStatus", BY_WQL, "root/Microsoft/Windows/Defender",
	    "SELECT AMProductVersion,AMServiceEnabled,AntivirusEnabled,"
	    "RealTimeProtectionEnabled,AntivirusSignatureLastUpdated FROM "
	    "MSFT_MpComputerStatus",
	    { NULL }, false, true, "Microsoft Defender; Windows 8 and later",
	    ITEMS(ITEM(ANTIVIRUS, "Microsoft Defender",
		"on: {AntivirusEnabled}, watches: "
		"{RealTimeProtectionEnabled}",
		"{AMProductVersion}, signatures of "
		"{AntivirusSignatureLastUpdated}")) },
	{ "Win32_InstalledWin32Program", BY_WQL, CIMV2,
	    "SELECT Name,Version,Vendor FROM Win32_InstalledWin32Program",
	    { NULL }, false, true,
	    "programs, at once; Windows 8 and later, for administrators",
	    ITEMS(ITEM(PROGRAM, "{Name}", "{Version}", "{Vendor}")) },
	{ "Uninstall", BY_VALUES, NULL, UNINSTALL,
	    { "DisplayName", "DisplayVersion" }, true, true,
	    "programs, one by one, where they do not come at once",
	    ITEMS(ITEM(PROGRAM, "{DisplayName}", "{DisplayVersion}",
		"{Publisher}")) },
	{ "Uninstall32", BY_VALUES, NULL, UNINSTALL_32,
	    { "DisplayName", "DisplayVersion" }, true, true,
	    "the same, of 32 bit on Windows of 64",
	    ITEMS(ITEM(PROGRAM, "{DisplayName}", "{DisplayVersion}",
		"{Publisher}")) },
	{ "USBSTOR", BY_KEYS, NULL, "SYSTEM\\CurrentControlSet\\Enum\\USBSTOR",
	    { NULL }, false, true, "storage that was plugged in by USB",
	    ITEMS(ITEM(USB, "{Device} {Serial}", "", "")) },
};
const uint32_t windows_query_count =
    sizeof(windows_queries) / sizeof(windows_queries[0]);

const struct windows_query *
windows_query_find(struct span name)
{
	for (uint32_t i = 0; i < windows_query_count; i++)
		if (span_is(name, span_text(windows_queries[i].name)))
			return &windows_queries[i];
	return NULL;
}

static const struct {
	const char *name, *text;
} kinds[] = {
#define KIND(sym, word, meaning) { word, meaning },
#include "kinds.def"
#undef KIND
}, ends[] = {
#define END(sym, word, text) { word, text },
#include "ends.def"
#undef END
};

const char *
windows_kind_name(uint32_t i)
{
	return i < WINDOWS_KIND_COUNT ? kinds[i].name : NULL;
}

const char *
windows_kind_text(uint32_t i)
{
	return i < WINDOWS_KIND_COUNT ? kinds[i].text : NULL;
}

const char *
windows_end_name(uint32_t i)
{
	return i < ASK_END_COUNT ? ends[i].name : NULL;
}

const char *
windows_end_text(uint32_t i)
{
	return i < ASK_END_COUNT ? ends[i].text : NULL;
}
