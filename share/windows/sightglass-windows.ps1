# sightglass-windows.ps1 - what this Windows is made of, into one file, for
#
#	sightglass active windows import FILE
#
# For endpoints that cannot be asked over the network.  It only reads; it
# installs, changes and sends nothing.  PowerShell 2 or later, Windows 7 /
# Server 2008 R2 or later; as an administrator it sees all there is.
#
#	powershell -ExecutionPolicy Bypass -File sightglass-windows.ps1 [-Out FILE]
param([string]$Out = (Join-Path (Get-Location) ($env:COMPUTERNAME + '-sightglass.txt')))

$ErrorActionPreference = 'Stop'
$cim = [bool](Get-Command Get-CimInstance -ErrorAction SilentlyContinue)
$file = New-Object System.IO.StreamWriter($Out, $false, (New-Object System.Text.UTF8Encoding($false)))
$lacks = @()

function Put-Line([string]$text) {
	$file.WriteLine($text)
}

# One value on one line: lists with commas, times in UTC, days as they are.
function As-Text($value) {
	if ($null -eq $value) { return '' }
	if ($value -is [DateTime] -and $value.TimeOfDay.Ticks -eq 0) { return $value.ToString('yyyy-MM-dd') }
	if ($value -is [DateTime]) { return $value.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ') }
	if ($value -is [Array]) { return (($value | ForEach-Object { "$_" }) -join ', ') }
	return ("$value" -replace '[\r\n]+', ' ')
}

function Put-Object($object, [string[]]$fields) {
	foreach ($field in $fields) {
		$text = As-Text $object.$field
		if ($text -ne '') { Put-Line "$field=$text" }
	}
	Put-Line ''
}

function Put-Class([string]$class, [string[]]$fields, [string]$space = 'root\cimv2', [string]$filter = '') {
	Put-Line "[$class]"
	try {
		$with = @{ Namespace = $space; Class = $class }
		if ($filter -ne '') { $with['Filter'] = $filter }
		if ($cim) {
			$with.Remove('Class')
			$with['ClassName'] = $class
			$objects = Get-CimInstance @with
		} else {
			$objects = Get-WmiObject @with
		}
		foreach ($object in $objects) { Put-Object $object $fields }
	} catch {
		$script:lacks += "${class}: $($_.Exception.Message)"
	}
}

function Put-Programs([string]$section, [string]$path) {
	Put-Line "[$section]"
	if (-not (Test-Path $path)) { return }
	foreach ($key in Get-ChildItem $path -ErrorAction SilentlyContinue) {
		$program = Get-ItemProperty $key.PSPath -ErrorAction SilentlyContinue
		if ($program -and $program.DisplayName) {
			Put-Object $program @('DisplayName', 'DisplayVersion', 'Publisher')
		}
	}
}

try {
	Put-Line 'Sightglass-Windows 1'
	Put-Line ('Time=' + [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ'))
	Put-Line ''
	Put-Class Win32_OperatingSystem @('Caption', 'Version', 'BuildNumber', 'CSDVersion', 'OSArchitecture',
		'InstallDate', 'LastBootUpTime')
	Put-Line '[UBR]'
	$build = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
	if ($build.UBR) { Put-Line "UBR=$($build.UBR)" }
	Put-Line ''
	Put-Class Win32_ComputerSystem @('Name', 'Domain', 'PartOfDomain', 'Manufacturer', 'Model',
		'NumberOfLogicalProcessors', 'TotalPhysicalMemory', 'UserName')
	Put-Class Win32_BIOS @('Manufacturer', 'SMBIOSBIOSVersion', 'SerialNumber')
	Put-Class Win32_Processor @('DeviceID', 'Name')
	Put-Class Win32_LogicalDisk @('DeviceID', 'FileSystem', 'Size', 'FreeSpace') 'root\cimv2' 'DriveType=3'
	Put-Class Win32_NetworkAdapterConfiguration @('Description', 'MACAddress', 'IPAddress') 'root\cimv2' 'IPEnabled=TRUE'
	Put-Class Win32_QuickFixEngineering @('HotFixID', 'Description', 'InstalledOn')
	Put-Class Win32_Service @('Name', 'DisplayName', 'State', 'StartMode', 'StartName', 'PathName')
	Put-Class Win32_UserProfile @('LocalPath', 'SID', 'Loaded', 'LastUseTime') 'root\cimv2' 'Special=FALSE'
	Put-Class AntiVirusProduct @('displayName', 'productState', 'timestamp') 'root\SecurityCenter2'
	Put-Class MSFT_MpComputerStatus @('AMProductVersion', 'AMServiceEnabled', 'AntivirusEnabled',
		'RealTimeProtectionEnabled', 'AntivirusSignatureLastUpdated') 'root\Microsoft\Windows\Defender'
	Put-Programs Uninstall 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall'
	Put-Programs Uninstall32 'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall'
	Put-Line '[USBSTOR]'
	$usb = 'HKLM:\SYSTEM\CurrentControlSet\Enum\USBSTOR'
	if (Test-Path $usb) {
		foreach ($device in Get-ChildItem $usb) {
			foreach ($one in Get-ChildItem $device.PSPath -ErrorAction SilentlyContinue) {
				Put-Line "Device=$($device.PSChildName)"
				Put-Line "Serial=$($one.PSChildName)"
				Put-Line ''
			}
		}
	}
	Put-Line '[Lacks]'
	foreach ($lack in $lacks) {
		Put-Line ('What=' + ($lack -replace '[\r\n]+', ' '))
		Put-Line ''
	}
} finally {
	$file.Close()
}
foreach ($lack in $lacks) { Write-Warning $lack }
Write-Output $Out
